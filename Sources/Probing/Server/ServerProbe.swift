// SPDX-License-Identifier: MIT
import DataPlane
import Linux
import Netlink
public import Wire

/// Asks one service of a real server through the tunnel to it, as a client whose packets a director forwards would.
///
/// Everything is sent from this host and answered to it. Works beside a running director, which has no part in it.
public struct ServerProbe {
  private let tunnel: ServerTunnel
  private let service: ProbedService
  private let source: IPAddress
  private let timeout: Duration
  private var port: UInt16

  /// How often a question is put before it counts as not answered.
  private static let attempts = 2

  /// `source` is an address of this host, of the virtual address's family, at which the real server's answers reach it.
  /// `timeout` is for one question.
  public init(_ service: ProbedService, by tunnel: ServerTunnel, from source: IPAddress, timeout: Duration) {
    self.service = service
    self.tunnel = tunnel
    self.source = source
    self.timeout = timeout
    // An ephemeral one (RFC 6335), another each time: the real server may remember the last.
    port = .random(in: 0xC000...0xEFFF)
  }

  /// The smallest probe, then the largest that the path is to carry and, where only the small one passes, the largest that
  /// does.
  public mutating func run() throws -> ServiceReport {
    let flow = ProbeFlow(from: source, to: service.virtualAddress, service.questions(from: port)[0])
    let smallest = ProbePacket(flow).bytes.count
    let sizes = try SizedOutcomes(smallest...max(smallest, tunnel.largestPacket)) { size in try outcome(size: size) }
    return ServiceReport(service: service, source: source, sizes: sizes)
  }

  private mutating func outcome(size: Int) throws -> Outcome {
    port &+= 1
    for question in service.questions(from: port) {
      guard let answer = try ask(question, size: size) else { continue }
      return service.outcome(Outcome(answer, server: tunnel.address), for: question)
    }
    return try answersPing(size: size + tunnel.overhead) ? .swallowed : .silent
  }

  private func ask(_ question: ProbeFlow.Question, size: Int) throws -> Answer? {
    let flow = ProbeFlow(from: source, to: service.virtualAddress, question)
    let carried = try tunnel.carry(ProbePacket(flow, size: size))
    let answer = try answer(to: carried.probe, in: carried.outer, frame: carried.frame)
    // What has begun is ended: nobody is going to use it.
    if answer?.content == .accepted, let reset = ProbePacket.reset(flow) { try send(tunnel.carry(reset).frame) }
    return answer
  }

  /// Whether the real server answers a ping of its own address, without any tunnel but as long as with one.
  private func answersPing(size: Int) throws -> Bool {
    guard let source = try OwnAddresses().source(for: tunnel) else { return false }
    let flow = ProbeFlow(from: source, to: tunnel.address, .echo(identifier: port, sequence: 1))
    let probe = ProbePacket(flow, size: size)
    return try answer(to: probe, in: nil, frame: tunnel.frame(bare: probe))?.content == .echo
  }

  private func answer(to probe: ProbePacket, in outer: [UInt8]?, frame: [UInt8]) throws -> Answer? {
    let watch = try AnswerWatch(from: probe.flow.destination)
    for _ in 0..<Self.attempts {
      try send(frame)
      if let answer = try watch.answer(to: probe, in: outer, within: timeout / Self.attempts) { return answer }
    }
    return nil
  }

  private func send(_ frame: [UInt8]) throws {
    try PacketSocket(.frames).send(frame, out: InterfaceIndex(rawValue: tunnel.path.interface))
  }
}
