// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import TestSupport

/// A socket of IPv4 in the namespace of the thread that opened it. What is waited for comes within five seconds.
final class Socket {
  private let descriptor: CInt

  private init(_ kind: CInt, _ protocolNumber: CInt) throws {
    descriptor = socket(AF_INET, kind, protocolNumber)
    try Self.check(descriptor, "open a socket")
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends whole packets, with headers.
  static func raw() throws -> Socket { try Socket(CInt(SOCK_RAW.rawValue), CInt(IPPROTO_RAW)) }

  /// Receives all packets with TCP segments, with IP headers.
  static func tcpTap() throws -> Socket { try Socket(CInt(SOCK_RAW.rawValue), CInt(IPPROTO_TCP)) }

  static func udp(_ address: UInt32, _ port: UInt16) throws -> Socket {
    try Socket(CInt(SOCK_DGRAM.rawValue), 0).bound(address, port)
  }

  static func tcpListener(_ address: UInt32, _ port: UInt16) throws -> Socket {
    let socket = try Socket(CInt(SOCK_STREAM.rawValue), 0).bound(address, port)
    try check(listen(socket.descriptor, 8), "listen")
    return socket
  }

  private func bound(_ address: UInt32, _ port: UInt16) throws -> Socket {
    let result = Self.withAddress(address, port) { bind(descriptor, $0, $1) }
    try Self.check(result, "bind")
    return self
  }

  func send(_ bytes: [UInt8], to address: UInt32, _ port: UInt16 = 0) throws {
    let result = Self.withAddress(address, port) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    try Self.check(CInt(result), "send")
  }

  /// The next packet, and who sent it.
  func receive() throws -> (bytes: [UInt8], address: UInt32, port: UInt16) {
    var bytes = [UInt8](repeating: 0, count: 2048)
    var from = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutableBytes(of: &from) { address in
      recvfrom(
        descriptor, &bytes, bytes.count, 0, address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    try Self.check(CInt(count), "receive")
    return (Array(bytes.prefix(count)), UInt32(bigEndian: from.sin_addr.s_addr), UInt16(bigEndian: from.sin_port))
  }

  private static func withAddress<Result>(
    _ address: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
  ) -> Result {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.bigEndian
    return withUnsafeBytes(of: &name) { bytes in
      body(bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  private static func check(_ result: CInt, _ operation: String) throws {
    if result < 0 { throw LinuxError(operation: operation, errno: Errno(rawValue: errno)) }
  }
}
