// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import Wire

/// A socket of either family in the namespace of the thread that opened it; the kernel makes the headers. What is waited
/// for comes within five seconds.
final class PlainSocket {
  private let descriptor: CInt

  /// UDP, bound to an address if one is given.
  static func udp(_ version: IPVersion, boundTo address: IPAddress? = nil, _ port: UInt16 = 0) throws -> PlainSocket {
    let socket = try PlainSocket(version, CInt(SOCK_DGRAM.rawValue), 0)
    guard let address else { return socket }
    let result = withName(address, port) { bind(socket.descriptor, $0, $1) }
    guard result == 0 else { throw LinuxError(operation: "bind to \(address)", errno: Errno(rawValue: errno)) }
    return socket
  }

  /// Whatever is sent becomes the payload of an IP packet with this protocol number.
  static func raw(_ version: IPVersion, _ protocolNumber: UInt8) throws -> PlainSocket {
    try PlainSocket(version, CInt(SOCK_RAW.rawValue), CInt(protocolNumber))
  }

  private init(_ version: IPVersion, _ kind: CInt, _ protocolNumber: CInt) throws {
    descriptor = socket(version == .v4 ? AF_INET : AF_INET6, kind, protocolNumber)
    guard descriptor >= 0 else { throw LinuxError(operation: "open a socket", errno: Errno(rawValue: errno)) }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8], to address: IPAddress, _ port: UInt16 = 0) throws {
    let count = Self.withName(address, port) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    guard count == bytes.count else {
      throw LinuxError(operation: "send to \(address)", errno: Errno(rawValue: errno))
    }
  }

  /// The next packet.
  func receive() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2048)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw LinuxError(operation: "receive", errno: Errno(rawValue: errno)) }
    return Array(bytes.prefix(count))
  }

  private static func withName<Result>(
    _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
  ) -> Result {
    switch address {
    case .v4(let address):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr = address.bits.bigEndian
      return withGeneric(name, body)
    case .v6(let address):
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { bytes in
        bytes.storeBytes(of: address.high.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      return withGeneric(name, body)
    }
  }

  private static func withGeneric<Name, Result>(
    _ name: Name, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
  ) -> Result {
    withUnsafeBytes(of: name) { bytes in
      body(bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }
}
