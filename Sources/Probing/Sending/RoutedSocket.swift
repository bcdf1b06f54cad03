// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import Netlink
import SystemPackage
import Wire

/// A raw socket, raw(7), for whole IP packets that this host routes like its own.
struct RoutedSocket: ~Copyable {
  private let descriptor: OwnedDescriptor

  /// Sends in the calling thread's network namespace; through `link`, whatever the routes say, if one is given.
  init(_ version: IPVersion, through link: Link? = nil) throws(LinuxError) {
    let descriptor = OwnedDescriptor(owning: try Self.open(version))
    if let link { try Self.bind(descriptor.borrowed, to: link) }
    self.descriptor = descriptor
  }

  private static func open(_ version: IPVersion) throws(LinuxError) -> FileDescriptor {
    let type = CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    do throws(LinuxError) {
      return FileDescriptor(
        rawValue: try attempt("open a raw socket") {
          socket(version == .v4 ? AF_INET : AF_INET6, type, CInt(IPPROTO_RAW))
        })
    } catch {
      throw error.errno == .notPermitted ? error.advised(Capability.netRaw.advice) : error
    }
  }

  private static func bind(_ descriptor: FileDescriptor, to link: Link) throws(LinuxError) {
    _ = try attempt("send through \(link.name)") {
      unsafe setsockopt(
        descriptor.rawValue, SOL_SOCKET, SO_BINDTODEVICE, link.name, socklen_t(link.name.utf8.count + 1))
    }
  }

  /// Sends `packet`, IP header first, to `destination`.
  ///
  /// - Throws: ``LinuxError`` with `.messageTooLong` where this host knows that it is too long for its way.
  func send(_ packet: [UInt8], to destination: IPAddress) throws(LinuxError) {
    _ = try attempt("send \(packet.count) bytes to \(destination)") {
      unsafe packet.withUnsafeBytes { bytes in
        switch destination {
        case .v4(let address):
          var name = sockaddr_in()
          name.sin_family = sa_family_t(AF_INET)
          name.sin_addr.s_addr = address.bits.bigEndian
          return unsafe send(bytes, to: name)
        case .v6(let address):
          var name = sockaddr_in6()
          name.sin6_family = sa_family_t(AF_INET6)
          unsafe withUnsafeMutableBytes(of: &name.sin6_addr) { octets in
            unsafe octets.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            unsafe octets.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
          }
          return unsafe send(bytes, to: name)
        }
      }
    }
  }

  private func send(_ bytes: UnsafeRawBufferPointer, to name: some Any) -> Int {
    unsafe withUnsafeBytes(of: name) { name in
      unsafe sendto(
        descriptor.rawValue, bytes.baseAddress, bytes.count, 0,
        name.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(name.count))
    }
  }
}
