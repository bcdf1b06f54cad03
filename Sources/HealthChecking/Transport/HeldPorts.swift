// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import SystemPackage

/// Ports of this host that nobody else gets while the value lives, and for which its own IP stack says nothing.
///
/// Answers to packets that we make ourselves reach the host's stack too, which knows of no such connection and would reset
/// it. A socket that holds the port, and takes nothing, has it keep silent: for TCP one that listens, for a segment of an
/// unknown connection is handed to that. It all goes with the process.
struct HeldPorts: ~Copyable, Sendable {
  /// The first one, a multiple of `count`.
  let first: UInt16
  private let sockets: [Holder]

  /// How many there are.
  static let count: UInt16 = 64
  /// What all of them have in common with `first`.
  static let mask: UInt16 = ~(count - 1)

  /// A descriptor that an array can hold.
  private final class Holder: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
      self.descriptor = descriptor
    }
  }

  /// Holds a block that is free, in the calling thread's network namespace.
  ///
  /// - Throws: ``LinuxError`` where there is none.
  init() throws(LinuxError) {
    var refusal = LinuxError(operation: "hold ports for health checks", errno: .addressInUse)
    for first in Self.blocks {
      do throws(LinuxError) {
        sockets = try Self.hold(first)
        self.first = first
        return
      } catch {
        guard error.errno == .addressInUse else { throw error }
        refusal = error
      }
    }
    throw refusal
  }

  /// All blocks of the dynamic ports (RFC 6335), in another order each time. Linux takes ports for others up to 60999 by
  /// itself, so those beyond come first.
  private static var blocks: [UInt16] {
    let blocks = stride(from: UInt16(49152), through: UInt16.max - (count - 1), by: Int(count)).shuffled()
    return blocks.filter { $0 >= 61000 } + blocks.filter { $0 < 61000 }
  }

  private static func hold(_ first: UInt16) throws(LinuxError) -> [Holder] {
    var sockets: [Holder] = []
    for port in first...first + (count - 1) {
      sockets.append(Holder(try hold(port, SOCK_STREAM)))
      sockets.append(Holder(try hold(port, SOCK_DGRAM)))
    }
    return sockets
  }

  private static func hold(_ port: UInt16, _ type: __socket_type) throws(LinuxError) -> OwnedDescriptor {
    do throws(LinuxError) {
      let descriptor = try open(AF_INET6, type)
      try takeBothFamilies(descriptor.borrowed)
      return try hold(port, descriptor, AF_INET6, type)
    } catch {
      // A host without IPv6.
      guard error.errno == .addressFamilyNotSupported else { throw error }
      return try hold(port, open(AF_INET, type), AF_INET, type)
    }
  }

  private static func open(_ family: CInt, _ type: __socket_type) throws(LinuxError) -> OwnedDescriptor {
    let opened = try attempt("open a socket") { socket(family, CInt(type.rawValue | SOCK_CLOEXEC.rawValue), 0) }
    return OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
  }

  private static func hold(
    _ port: UInt16, _ descriptor: consuming OwnedDescriptor, _ family: CInt, _ type: __socket_type
  ) throws(LinuxError) -> OwnedDescriptor {
    let number = descriptor.rawValue
    _ = try attempt("have a socket receive nothing") { linux_receive_nothing(number) }
    try bind(descriptor.borrowed, family, port)
    if type == SOCK_STREAM { _ = try attempt("listen at port \(port)") { listen(number, 0) } }
    return descriptor
  }

  private static func takeBothFamilies(_ descriptor: FileDescriptor) throws(LinuxError) {
    var isAlone: CInt = 0
    _ = try attempt("have a socket of IPv6 take IPv4") {
      unsafe setsockopt(
        descriptor.rawValue, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &isAlone, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  private static func bind(_ descriptor: FileDescriptor, _ family: CInt, _ port: UInt16) throws(LinuxError) {
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(family)
    // At the same place in a `sockaddr_in`, whose address is the wildcard's zero too.
    name.sin6_port = port.bigEndian
    _ = try attempt("hold port \(port) for health checks") {
      unsafe withUnsafeBytes(of: name) { name in
        unsafe Glibc.bind(
          descriptor.rawValue, name.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(name.count))
      }
    }
  }
}
