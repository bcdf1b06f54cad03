// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import Netlink
import Probing
import SystemPackage
import Wire

/// Receives the answers to packets from held ports, of one family, on all interfaces of a network namespace: past
/// firewalls and filters of source addresses, and without those that only pass by.
struct AnswerSocket: ~Copyable, Sendable {
  private let socket: PacketSocket
  private var buffer = [UInt8](repeating: 0, count: Int(UInt16.max) + 1)

  /// Bytes of packets that may wait: for the answers to a crowd of probes that leave at once.
  private static let capacity: CInt = 8 << 20

  /// In the calling thread's network namespace. Needs `CAP_NET_RAW`.
  init(_ version: IPVersion, to ports: borrowing HeldPorts) throws(LinuxError) {
    let socket = try PacketSocket(.packets)
    let descriptor = socket.borrowed.rawValue
    let first = ports.first
    _ = try attempt("choose answers to health checks") {
      version == .v4
        ? linux_receive_ports_v4(descriptor, first, HeldPorts.mask)
        : linux_receive_ports_v6(descriptor, first, HeldPorts.mask)
    }
    try Self.set(descriptor, SOL_PACKET, PACKET_AUXDATA, 1)
    // Beyond what processes may ask for usually; where that is refused the usual size must do.
    try? Self.set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, Self.capacity)
    // Of one protocol, and not of all: then packets of this host's own are not seen, and of others each one once.
    try socket.bind(to: nil, UInt16(version == .v4 ? ETH_P_IP : ETH_P_IPV6))
    self.socket = socket
  }

  private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) throws(LinuxError) {
    var value = value
    _ = try attempt("prepare a packet socket") {
      unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  /// Readable when an answer waits; on loan.
  var borrowed: FileDescriptor { socket.borrowed }

  /// The next packet that waits and is whole; nil if there is none.
  ///
  /// Several segments may have been merged into a long one. Checksums that are wrong are not taken, as by any host; those
  /// that the kernel vouches for are not looked at.
  mutating func next() throws(LinuxError) -> IPPacketView? {
    while true {
      var isTrusted: CInt = 0
      let count: Int
      do throws(LinuxError) {
        count = try attempt("receive answers to health checks") {
          unsafe linux_receive_packet(socket.borrowed.rawValue, &buffer, buffer.count, &isTrusted)
        }
      } catch {
        if error.errno == .wouldBlock || error.errno == .networkDown { return nil }
        throw error
      }
      guard let packet = IPPacketView(buffer[..<count]) else { continue }
      if isTrusted != 0 || packet.hasRightChecksum { return packet }
    }
  }
}

extension IPPacketView {
  fileprivate var hasRightChecksum: Bool {
    IPEnvelope(from: source, to: destination, transportProtocol).verifies(payload)
  }
}
