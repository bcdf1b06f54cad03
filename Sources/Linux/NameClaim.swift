// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import SystemPackage

/// A name that one process of a network namespace can hold: an abstract Unix socket, unix(7).
///
/// The kernel keeps such names apart by network namespace, and gives them up when the process ends, however it does. A
/// second name beside the first says which process that is; nobody ever sends to either.
public struct NameClaim: ~Copyable, Sendable {
  private let name: OwnedDescriptor
  private let label: OwnedDescriptor

  /// Takes the name at once or not at all.
  ///
  /// - Throws: ``LinuxError`` with `.addressInUse` if somebody holds it: ``holder(of:)`` says who.
  public init(_ name: String) throws(LinuxError) {
    let operation = "claim \"\(name)\""
    let socket = try Self.bound(to: name, operation)
    let label = try Self.bound(to: "\(Self.labelPrefix(name))\(getpid())", operation)
    self.name = socket
    self.label = label
  }

  /// The process of this network namespace that holds `name`; nil if nobody does.
  public static func holder(of name: String) -> Int32? {
    guard let sockets = try? TextFile.read("/proc/thread-self/net/unix") else { return nil }
    let mark = "@\(labelPrefix(name))"
    for line in sockets.split(separator: "\n") {
      guard let place = line.firstRange(of: mark) else { continue }
      return Int32(line[place.upperBound...])
    }
    return nil
  }

  private static func labelPrefix(_ name: String) -> String { "\(name): process " }

  private static func bound(to name: String, _ operation: String) throws(LinuxError) -> OwnedDescriptor {
    let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let socket = OwnedDescriptor(
      owning: FileDescriptor(rawValue: try attempt(operation) { Glibc.socket(AF_UNIX, type, 0) }))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    // An abstract name begins with a zero byte, and is cut to what an address can hold.
    let bytes: [UInt8] = [0] + Array(name.utf8.prefix(capacity - 1))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in unsafe path.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + bytes.count)
    _ = unsafe try withUnsafeBytes(of: &address) { (bytes) throws(LinuxError) in
      try attempt(operation) {
        unsafe bind(socket.rawValue, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
      }
    }
    return socket
  }
}
