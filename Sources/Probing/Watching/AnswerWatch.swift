// SPDX-License-Identifier: MIT
public import Linux
import Netlink
public import Wire

/// Waits for answers to probes on all interfaces of a network namespace, whether they come in or this host sends them.
///
/// Open it before the probe is sent: what comes in between waits for the question.
public struct AnswerWatch: ~Copyable {
  private let socket: PacketSocket

  /// Watches, in the calling thread's network namespace, for what comes from `source` and for ICMP errors of everybody.
  /// Needs `CAP_NET_RAW`.
  public init(from source: IPAddress) throws(LinuxError) {
    let socket = try PacketSocket(.packets)
    try socket.takeAnswers(from: source)
    try socket.bind()
    self.socket = socket
  }

  /// The first answer to `probe` that has come since the watch began, or comes within `limit`.
  ///
  /// `outer` is the IP packet that carries the probe, for errors about that.
  public func answer(
    to probe: ProbePacket, in outer: [UInt8]? = nil, within limit: Duration
  ) throws(LinuxError) -> Answer? {
    try first(Expectation(probe, outer: outer), within: limit)
  }

  /// The same for a probe that the kernel puts into a tunnel to `end`: errors about any packet in it count.
  func answer(
    to probe: ProbePacket, throughTunnelTo end: IPAddress?, within limit: Duration
  ) throws(LinuxError) -> Answer? {
    try first(Expectation(probe, tunnelEnd: end), within: limit)
  }

  private func first(_ expectation: Expectation, within limit: Duration) throws(LinuxError) -> Answer? {
    try socket.first(until: .now + limit) { received in
      guard let packet = IPPacketView(received.bytes), let content = expectation.answer(in: packet) else { return nil }
      return Answer(content: content, source: packet.source, interface: received.interface)
    }
  }
}
