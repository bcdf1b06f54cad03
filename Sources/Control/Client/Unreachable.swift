// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

/// Why nobody could be talked to at a socket, for people.
struct Unreachable {
  private let path: FilePath
  private let errno: Errno

  init(_ path: FilePath, _ errno: Errno) {
    self.path = path
    self.errno = errno
  }

  var error: ControlError { ControlError("cannot talk to the director at \(path): \(reason)") }

  private var reason: String {
    switch errno {
    case .noSuchFileOrDirectory, .connectionRefused: "it does not run; start culvert run"
    case .permissionDenied, .notPermitted: "permission denied: be root\(group)"
    case .wouldBlock, .timedOut: "it does not answer"
    default: "\(errno)"
    }
  }

  /// The group that might.
  private var group: String {
    var status = stat()
    guard unsafe stat(path.string, &status) == 0, status.st_mode & 0o060 == 0o060 else { return "" }
    return " or in group \(name(of: status.st_gid))"
  }

  private func name(of number: gid_t) -> String {
    var (entry, found) = unsafe (Glibc.group(), UnsafeMutablePointer<Glibc.group>?.none)
    var buffer = [CChar](repeating: 0, count: 65_536)
    guard unsafe getgrgid_r(number, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil,
      let name = unsafe entry.gr_name
    else { return "\(number)" }
    return unsafe String(cString: name)
  }
}
