// SPDX-License-Identifier: MIT
import Linux
public import Netlink
import SystemPackage
public import Wire

/// Sends echo requests through a tunnel, or any other link, to somebody at its other end.
public struct TunnelProbe {
  private let link: Link
  private let target: IPAddress
  private let timeout: Duration
  private let netlink: NetlinkConnection
  private let identifier = UInt16.random(in: 1...UInt16.max)
  private var sequence: UInt16 = 0

  /// How often a question is put before it counts as not answered.
  private static let attempts = 2

  /// `timeout` is for one question.
  public init(through link: Link, to target: IPAddress, timeout: Duration, _ netlink: NetlinkConnection) {
    self.link = link
    self.target = target
    self.timeout = timeout
    self.netlink = netlink
  }

  /// The smallest echo, then the largest that the link is to carry and, where only the small one passes, the largest that
  /// does.
  public mutating func run() throws -> TunnelReport {
    if let reason = whyUnrouted() {
      return TunnelReport(through: link, to: target, source: nil, SizedOutcomes(unrouted: reason))
    }
    let source = try TunnelEnds.source(for: target, on: link, netlink)
    let smallest = ProbePacket(flow(to: target, from: source)).bytes.count
    let largest = max(smallest, min(Int(link.mtu), Int(UInt16.max)))
    let sizes = try SizedOutcomes(smallest...largest) { size in try outcome(size: size, from: source) }
    return TunnelReport(through: link, to: target, source: source, sizes)
  }

  /// Why outer packets have no way; nil if they have one, as far as this host knows.
  private func whyUnrouted() -> String? {
    guard link.isUp else { return "\(link.name) is down: 'ip link set \(link.name) up'" }
    guard let end = link.outerEnd else { return nil }
    do throws(NetlinkError) {
      let route = try netlink.route(to: end)
      if route.type == .local { return "the other end, \(end), is an address of this host" }
      guard route.type == .unicast else { return "the other end, \(end), is not the address of one host" }
      return route.interface == link.index ? "the route to the other end, \(end), leads into the tunnel itself" : nil
    } catch {
      return "no route to the other end, \(end): \(error.errno)"
    }
  }

  private mutating func outcome(size: Int, from source: IPAddress) throws -> Outcome {
    sequence &+= 1
    let probe = ProbePacket(flow(to: target, from: source), size: size)
    if let answer = try ask(probe, through: link) { return Outcome(answer, server: link.outerEnd ?? target) }
    guard let end = link.outerEnd, let own = try netlink.route(to: end).preferredSource else { return .silent }
    let ping = ProbePacket(flow(to: end, from: own))
    return try ask(ping, through: nil)?.content == .echo ? .swallowed : .silent
  }

  private func flow(to destination: IPAddress, from source: IPAddress) -> ProbeFlow {
    ProbeFlow(from: source, to: destination, .echo(identifier: identifier, sequence: sequence))
  }

  /// What comes back for `probe`; that this host refuses to send it for its length counts as an answer of its own.
  private func ask(_ probe: ProbePacket, through link: Link?) throws -> Answer? {
    let watch = try AnswerWatch(from: probe.flow.destination)
    let socket = try RoutedSocket(probe.flow.version, through: link)
    for _ in 0..<Self.attempts {
      guard try send(probe, by: socket) else { return tooLong(probe) }
      let answer = try watch.answer(
        to: probe, throughTunnelTo: link?.outerEnd, within: timeout / Self.attempts)
      if let answer { return answer }
    }
    return nil
  }

  /// False where this host knows that the probe is too long.
  private func send(_ probe: ProbePacket, by socket: borrowing RoutedSocket) throws(LinuxError) -> Bool {
    do throws(LinuxError) {
      try socket.send(probe.bytes, to: probe.flow.destination)
      return true
    } catch {
      guard error.errno == .messageTooLong else { throw error }
      return false
    }
  }

  private func tooLong(_ probe: ProbePacket) -> Answer {
    let problem = ICMPProblem(kind: .tooBig(mtu: 0), isAboutTunnel: false)
    return Answer(content: .problem(problem), source: probe.flow.source, interface: link.index)
  }
}
