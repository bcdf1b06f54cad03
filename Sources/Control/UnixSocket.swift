// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage

/// A stream socket with a place in the file system, unix(7).
struct UnixSocket: ~Copyable {
  private let descriptor: FileDescriptor

  init() throws(LinuxError) {
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    descriptor = FileDescriptor(rawValue: try attempt("open a socket") { socket(AF_UNIX, type, 0) })
  }

  deinit {
    try? descriptor.close()
  }

  /// On loan.
  var borrowed: FileDescriptor { descriptor }

  /// Hands the descriptor over: it is the caller's to close.
  consuming func release() -> FileDescriptor {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  /// How long connecting and sending may take.
  func setTimeout(_ time: Duration) throws(LinuxError) {
    var time = timeval(tv_sec: Int(time.components.seconds), tv_usec: 0)
    _ = try attempt("limit the time of a socket") {
      unsafe setsockopt(
        descriptor.rawValue, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  func connect(to path: FilePath) throws(LinuxError) {
    try unsafe withAddress(path) { (address, length) throws(LinuxError) in
      _ = try attempt("connect to \(path)") { unsafe Glibc.connect(descriptor.rawValue, address, length) }
    }
  }

  /// Makes the socket appear at `path`, where nothing may be, for root alone.
  func bind(to path: FilePath) throws(LinuxError) {
    // The permission bits of an unbound socket become those of its file, unix(7): at no moment are there others.
    _ = try attempt("close the socket to others") { fchmod(descriptor.rawValue, 0) }
    try unsafe withAddress(path) { (address, length) throws(LinuxError) in
      _ = try attempt("make the socket \(path)") { unsafe Glibc.bind(descriptor.rawValue, address, length) }
    }
  }

  private func withAddress(
    _ path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(LinuxError) -> Void
  ) throws(LinuxError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.string.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw LinuxError(
        operation: "use the socket \(path)", errno: .fileNameTooLong,
        advice: "a socket's path has at most 107 bytes: choose a shorter --state-directory")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in unsafe place.copyBytes(from: bytes) }
    try unsafe withUnsafeBytes(of: &address) { (whole) throws(LinuxError) in
      guard let start = unsafe whole.assumingMemoryBound(to: sockaddr.self).baseAddress else { return }
      try unsafe body(start, socklen_t(whole.count))
    }
  }
}
