// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import SystemPackage

/// Has the kernel learn the MTU of paths that tunnels take.
///
/// A router that knows of a narrow link says so to the source of the packet that is too long (RFC 1191, RFC 8201): to this
/// host, which did not send it, as far as its IP stack knows. The stack takes such an error seriously only where something
/// on the host has to do with the protocol: raw sockets, which receive nothing. What it learns stands in the answer to
/// "which route", until it expires.
public struct PathMTUDiscovery: ~Copyable, Sendable {
  private let sockets: [Holder]

  /// A descriptor that an array can hold.
  private final class Holder: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
      self.descriptor = descriptor
    }
  }

  /// In the calling thread's network namespace, for as long as the value lives. Needs `CAP_NET_RAW`.
  ///
  /// - Parameter protocols: Those that outer packets carry, by their IP numbers.
  /// - Throws: ``LinuxError`` where a socket cannot be made.
  public init(protocols: [UInt8]) throws(LinuxError) {
    var sockets: [Holder] = []
    for family in [AF_INET, AF_INET6] {
      for number in protocols { sockets.append(Holder(try Self.open(family, number))) }
    }
    self.sockets = sockets
  }

  private static func open(_ family: CInt, _ number: UInt8) throws(LinuxError) -> OwnedDescriptor {
    let type = CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let opened = try attempt("open a raw socket for IP protocol \(number)") { socket(family, type, CInt(number)) }
    let descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    _ = try attempt("have a raw socket receive nothing") { linux_receive_nothing(descriptor.rawValue) }
    if family == AF_INET6 {
      // IPv6 looks at an error only for sockets that are connected, or want to hear of it; the queue for that is bounded.
      var wants: CInt = 1
      _ = try attempt("have a raw socket hear of errors") {
        unsafe setsockopt(
          descriptor.rawValue, CInt(IPPROTO_IPV6), IPV6_RECVERR, &wants, socklen_t(MemoryLayout<CInt>.size))
      }
    }
    return descriptor
  }
}
