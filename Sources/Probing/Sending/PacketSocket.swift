// SPDX-License-Identifier: MIT
import CLinux
import Glibc
package import Linux
package import Netlink
package import SystemPackage
package import Wire

/// A packet socket, packet(7): frames past the host's own stack, of the calling thread's network namespace.
package struct PacketSocket: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor

  /// What it sends and receives.
  package enum Content {
    /// Whole frames, Ethernet header first.
    case frames
    /// What links carry: their headers are taken off, and put on.
    case packets

    var type: CInt { self == .frames ? CInt(SOCK_RAW.rawValue) : CInt(SOCK_DGRAM.rawValue) }
  }

  /// A socket that receives nothing until it is bound.
  package init(_ content: Content) throws(LinuxError) {
    let type = content.type | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    do throws(LinuxError) {
      let opened = try attempt("open a packet socket") { socket(AF_PACKET, type, 0) }
      descriptor = OwnedDescriptor(owning: FileDescriptor(rawValue: opened))
    } catch {
      throw error.errno == .notPermitted ? error.advised(Capability.netRaw.advice) : error
    }
  }

  /// Narrows down what is received from now on, before it waits in the socket: ICMP, and what comes from `source`.
  func takeAnswers(from source: IPAddress) throws(LinuxError) {
    _ = try attempt("choose packets from \(source)") {
      switch source {
      case .v4(let address): return linux_receive_answers_v4(descriptor.rawValue, address.bits)
      case .v6(let address):
        let words = [address.high >> 32, address.high, address.low >> 32, address.low]
          .map { UInt32(truncatingIfNeeded: $0) }
        return unsafe words.withUnsafeBufferPointer { words in
          unsafe linux_receive_answers_v6(descriptor.rawValue, words.baseAddress)
        }
      }
    }
  }

  /// Packets of all protocols. The corresponding C constant is `ETH_P_ALL`.
  package static let everything = UInt16(ETH_P_ALL)

  /// On loan.
  package var borrowed: FileDescriptor { descriptor.borrowed }

  /// Receives what goes through `interface` in either direction, or through any.
  package func bind(to interface: InterfaceIndex? = nil, _ type: UInt16 = PacketSocket.everything) throws(LinuxError) {
    var address = sockaddr_ll(interface, type)
    _ = try attempt("receive packets") {
      unsafe address.withSocketAddress { unsafe Glibc.bind(descriptor.rawValue, $0, $1) }
    }
  }

  /// Sends `bytes` out of `interface`; to `neighbour`, where they are no whole frames.
  package func send(
    _ bytes: [UInt8], out interface: InterfaceIndex, to neighbour: MACAddress = .zero, _ type: UInt16 = 0
  ) throws(LinuxError) {
    var address = sockaddr_ll(interface, type, neighbour)
    _ = try attempt("send \(bytes.count) bytes out of interface \(interface)") {
      unsafe address.withSocketAddress { address, length in
        unsafe bytes.withUnsafeBytes { bytes in
          unsafe sendto(descriptor.rawValue, bytes.baseAddress, bytes.count, 0, address, length)
        }
      }
    }
  }

  /// A packet, and where it came from.
  struct Received {
    let bytes: [UInt8]
    let interface: InterfaceIndex
    let sender: MACAddress
    /// Whether this host sends it.
    let isOutgoing: Bool
  }

  /// The next packet that `choose` makes something of.
  ///
  /// - Returns: nil where none came until `deadline`.
  func first<Result>(
    until deadline: ContinuousClock.Instant, _ choose: (Received) -> Result?
  ) throws(LinuxError) -> Result? {
    let poller = Poller([descriptor.borrowed])
    while true {
      while let received = try receive() {
        if let result = choose(received) { return result }
      }
      let rest = deadline - .now
      guard rest > .zero else { return nil }
      _ = try poller.wait(timeout: rest)
    }
  }

  /// The next packet that has come; nil if none waits.
  private func receive() throws(LinuxError) -> Received? {
    var bytes = [UInt8](repeating: 0, count: Int(UInt16.max))
    var address = sockaddr_ll()
    let count: Int
    do throws(LinuxError) {
      count = try attempt("receive a packet") {
        unsafe address.withSocketAddress { address, length in
          var length = length
          return unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe recvfrom(descriptor.rawValue, bytes.baseAddress, bytes.count, 0, address, &length)
          }
        }
      }
    } catch {
      // An interface that goes down says so once, to a socket that is bound to it.
      if error.errno == .wouldBlock || error.errno == .networkDown { return nil }
      throw error
    }
    return Received(
      bytes: Array(bytes[..<count]), interface: InterfaceIndex(rawValue: UInt32(bitPattern: address.sll_ifindex)),
      sender: address.macAddress, isOutgoing: address.sll_pkttype == UInt8(PACKET_OUTGOING))
  }
}

extension sockaddr_ll {
  fileprivate init(_ interface: InterfaceIndex?, _ type: UInt16, _ neighbour: MACAddress = .zero) {
    self.init()
    sll_family = UInt16(AF_PACKET)
    sll_protocol = type.bigEndian
    sll_ifindex = interface.map { CInt(bitPattern: $0.rawValue) } ?? 0
    sll_halen = 6
    unsafe withUnsafeMutableBytes(of: &sll_addr) { bytes in
      for index in 0..<6 { unsafe bytes[index] = UInt8(truncatingIfNeeded: neighbour.bits >> UInt64(40 - 8 * index)) }
    }
  }

  fileprivate var macAddress: MACAddress {
    unsafe withUnsafeBytes(of: sll_addr) { bytes in
      unsafe MACAddress(bits: bytes.prefix(6).reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  fileprivate mutating func withSocketAddress<Result>(
    _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    unsafe withUnsafeMutablePointer(to: &self) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe body(address, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
  }
}
