// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import Wire

/// A socket on a port of one address, or of all, which nobody reads from: TCP's accepts connections all the same.
final class Listener {
  private let descriptor: CInt

  init(_ address: IPv4Address? = nil, port: UInt16) throws {
    descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    if let address {
      let mapped = IPv6Address(mapping: address)
      withUnsafeMutableBytes(of: &name.sin6_addr) { octets in
        octets.storeBytes(of: mapped.high.bigEndian, as: UInt64.self)
        octets.storeBytes(of: mapped.low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
    }
    let result = withUnsafeBytes(of: name) { bytes in
      bind(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard result == 0, listen(descriptor, 8) == 0 else {
      throw LinuxError(operation: "listen", errno: Errno(rawValue: errno))
    }
  }

  deinit { close(descriptor) }
}
