// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import SystemPackage

/// A name that one process of a network namespace can hold: an abstract Unix socket, unix(7).
///
/// The kernel keeps such names apart by network namespace, and gives them up when the process ends, however it does.
public struct NameClaim: ~Copyable, Sendable {
  private let socket: OwnedDescriptor

  /// Takes the name at once or not at all.
  ///
  /// - Throws: ``LinuxError`` with `.addressInUse`, naming the process that holds it.
  public init(_ name: String) throws(LinuxError) {
    let operation = "claim \(name)"
    let socket = try Self.makeSocket(operation)
    do throws(LinuxError) {
      _ = unsafe try Self.withAddress(of: name) { (address, length) throws(LinuxError) in
        try attempt(operation) { unsafe bind(socket.rawValue, address, length) }
      }
      _ = try attempt(operation) { listen(socket.rawValue, 1) }
    } catch {
      guard error.errno == .addressInUse, let holder = Self.holder(of: name) else { throw error }
      throw error.advised("process \(holder) holds it")
    }
    self.socket = socket
  }

  /// The process of this network namespace that holds `name`; nil if nobody does.
  public static func holder(of name: String) -> Int32? {
    guard let socket = try? makeSocket("look for \(name)") else { return nil }
    let isHeld = unsafe withAddress(of: name) { address, length in
      unsafe connect(socket.rawValue, address, length) == 0
    }
    guard isHeld else { return nil }
    let process = linux_peer_process(socket.rawValue)
    return process > 0 ? process : nil
  }

  private static func makeSocket(_ operation: String) throws(LinuxError) -> OwnedDescriptor {
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    return OwnedDescriptor(owning: FileDescriptor(rawValue: try attempt(operation) { Glibc.socket(AF_UNIX, type, 0) }))
  }

  /// The name after a zero byte, cut to what an address can hold.
  private static func withAddress<Result, Failure: Error>(
    of name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    let bytes: [UInt8] = [0] + Array(name.utf8.prefix(capacity - 1))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in unsafe path.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + bytes.count)
    return unsafe try withUnsafePointer(to: &address) { (pointer) throws(Failure) in
      unsafe try UnsafeRawPointer(pointer).withMemoryRebound(to: sockaddr.self, capacity: 1) {
        (address) throws(Failure) in unsafe try body(address, length)
      }
    }
  }
}
