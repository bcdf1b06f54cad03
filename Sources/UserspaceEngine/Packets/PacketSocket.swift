// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import SystemPackage

/// A packet socket, packet(7): whole frames, Ethernet header first, past the host's own stack.
final class PacketSocket: Sendable {
  private let descriptor: OwnedDescriptor

  /// Opens a socket in the calling thread's network namespace that receives nothing until it is bound.
  init() throws(LinuxError) {
    let type = CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    do throws(LinuxError) {
      let opened = try attempt("open a packet socket") { socket(AF_PACKET, type, 0) }
      descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    } catch {
      throw error.errno == .notPermitted ? error.advised(Capability.netRaw.advice) : error
    }
  }

  /// On loan.
  var borrowed: FileDescriptor { descriptor.borrowed }

  /// The interface that it is bound to; `nil` once that has been removed.
  func interface() throws(LinuxError) -> CInt? {
    var address = sockaddr_ll()
    var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
    _ = try attempt("ask a packet socket for its interface") {
      unsafe withUnsafeMutablePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          unsafe getsockname(descriptor.rawValue, address, &length)
        }
      }
    }
    return address.sll_ifindex > 0 ? address.sll_ifindex : nil
  }

  /// Receives the frames of one interface from now on, whatever they carry.
  func bind(to interface: CInt, name: String) throws(LinuxError) {
    var address = sockaddr_ll(interface: UInt32(interface), protocol: ETH_P_ALL)
    _ = try attempt("receive frames of \(name)") {
      unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          unsafe Glibc.bind(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_ll>.size))
        }
      }
    }
  }

  /// Sets an option of packet(7). `purpose` is read after "cannot".
  func set(_ option: CInt, _ value: some BitwiseCopyable, to purpose: String) throws(LinuxError) {
    _ = try attempt(purpose) {
      unsafe withUnsafeBytes(of: value) { bytes in
        unsafe setsockopt(descriptor.rawValue, SOL_PACKET, option, bytes.baseAddress, socklen_t(bytes.count))
      }
    }
  }

  /// How many frames came in since the last call, and how many of them found no room in the ring.
  func takeStatistics() throws(LinuxError) -> (received: UInt64, overrun: UInt64) {
    var statistics = tpacket_stats()
    var length = socklen_t(MemoryLayout<tpacket_stats>.size)
    _ = try attempt("read the statistics of a packet socket") {
      unsafe getsockopt(descriptor.rawValue, SOL_PACKET, PACKET_STATISTICS, &statistics, &length)
    }
    return (UInt64(statistics.tp_packets), UInt64(statistics.tp_drops))
  }

  /// The error that waits to be read, and clears it.
  func takeError() throws(LinuxError) -> Errno? {
    var code: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = try attempt("read the error of a packet socket") {
      unsafe getsockopt(descriptor.rawValue, SOL_SOCKET, SO_ERROR, &code, &length)
    }
    return code == 0 ? nil : Errno(rawValue: code)
  }
}

extension sockaddr_ll {
  /// An interface, for binding and for sending whole frames.
  init(interface: UInt32, protocol type: CInt) {
    self.init()
    sll_family = UInt16(AF_PACKET)
    sll_protocol = UInt16(type).bigEndian
    sll_ifindex = CInt(bitPattern: interface)
  }
}
