// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import TestSupport

/// An ordinary UDP client of the fixtures' service at c0: the kernel leaves its checksums to the network card.
final class DatagramSource {
  private let socket: OwnedDescriptor

  /// For the calling thread's namespace, whose c0 gets the address and the way to the service.
  init() throws {
    try run("ip", "address", "add", "198.51.100.7/24", "dev", "c0")
    try run("ip", "route", "add", "203.0.113.80", "dev", "c0")
    try run("ip", "neighbour", "add", "203.0.113.80", "lladdr", "02:00:00:00:00:02", "dev", "c0")
    socket = OwnedDescriptor(
      owning: FileDescriptor(rawValue: Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)))
    var service = sockaddr_in()
    service.sin_family = sa_family_t(AF_INET)
    service.sin_port = UInt16(53).bigEndian
    service.sin_addr = in_addr(s_addr: UInt32(0xCB00_7150).bigEndian)
    let result = withUnsafePointer(to: &service) { service in
      service.withMemoryRebound(to: sockaddr.self, capacity: 1) { service in
        connect(socket.rawValue, service, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw LinuxError(operation: "connect", errno: Errno(rawValue: errno)) }
  }

  /// Sends `payload`, as datagrams of `segment` bytes that the kernel keeps together if that is not 0 (UDP_SEGMENT).
  func send(_ payload: [UInt8], segment: CInt = 0) throws {
    var segment = segment
    // The numbers of SOL_UDP and UDP_SEGMENT in linux/udp.h, which clashes with glibc's netinet/udp.h.
    guard setsockopt(socket.rawValue, 17, 103, &segment, socklen_t(MemoryLayout<CInt>.size)) == 0,
      Glibc.send(socket.rawValue, payload, payload.count, 0) == payload.count
    else { throw LinuxError(operation: "send a datagram", errno: Errno(rawValue: errno)) }
  }
}

/// The sum of 16-bit words with the carry added in again (RFC 1071), an odd byte being the high half of a word.
func onesComplementSum(_ bytes: some Sequence<UInt8>) -> UInt16 {
  var sum: UInt32 = 0
  for (offset, byte) in bytes.enumerated() {
    sum += offset % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
    if sum > 0xFFFF { sum -= 0xFFFF }
  }
  return UInt16(sum)
}
