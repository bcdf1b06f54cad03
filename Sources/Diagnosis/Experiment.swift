// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import Linux
import Netlink
import Probing
import Provisioning
import Wire

/// Packets that the host is handed as if a director had sent them, to see what becomes of them.
struct Experiment {
  private let expectation: Expectation
  private let interface: Netlink.Link
  private let macAddress: MACAddress

  /// How long an answer may take; the host makes it at once.
  private static let patience = Duration.milliseconds(500)
  /// Nobody's: where the frames come from.
  private static let director = MACAddress(bits: 0x02_00_00_00_00_01)

  /// nil where the interface has no neighbours that could send frames.
  init?(_ expectation: Expectation, _ picture: HostPicture) {
    guard let interface = picture.link(expectation.interface), interface.isUp, let own = interface.macAddress else {
      return nil
    }
    self.expectation = expectation
    self.interface = interface
    macAddress = own
  }

  /// One packet for each IP version that has virtual addresses.
  ///
  /// - Throws: where the kernel cannot be handed any.
  func run() throws -> [ProbeReport] {
    try expectation.innerVersions.compactMap(question).map(report)
  }

  private struct Trial {
    var flow: ProbeFlow
    var service: ServicePort?
  }

  /// A SYN for the first service of TCP; where nobody said what there is, an echo request.
  private func question(_ version: IPVersion) -> Trial? {
    guard let client = expectation.client(version),
      let address = expectation.virtualAddresses.map(\.address).first(where: { $0.version == version })
    else { return nil }
    let port = UInt16.random(in: 50_000...59_999)
    if let service = expectation.services.first(where: { $0.protocolName == .tcp }) {
      let flow = ProbeFlow(from: client, to: address, .connection(from: port, to: service.port))
      return Trial(flow: flow, service: service)
    }
    guard expectation.services.isEmpty else { return nil }
    return Trial(flow: ProbeFlow(from: client, to: address, .echo(identifier: port, sequence: 1)))
  }

  private func report(_ trial: Trial) throws -> ProbeReport {
    let carried = try carry(ProbePacket(trial.flow))
    let watch = try AnswerWatch(from: trial.flow.destination)
    let injection = try Injection(into: interface.index)
    let before = try NetworkCounters.now()
    let (_, reasons) = try DropReasons.watching { try injection.inject(carried.frame) }
    let answer = try watch.answer(to: carried.probe, in: carried.outer, within: Self.patience)
    let counted = try NetworkCounters.now() - before
    if let reset = ProbePacket.reset(trial.flow) { try? injection.inject(carry(reset).frame) }
    return ProbeReport(
      client: trial.flow.source, virtualAddress: trial.flow.destination, service: trial.service,
      answer: ProbeReport.Answer(answer), drops: Dictionary(grouping: reasons.drops, by: \.reason).mapValues(\.count),
      reversePathDrops: Int(counted["TcpExtIPReversePathFilter"]))
  }

  private func carry(_ probe: ProbePacket) throws -> CarriedProbe {
    guard let way = expectation.outerWays.first else {
      return try tunnel(to: probe.flow.destination, from: probe.flow.source).carry(probe)
    }
    return try tunnel(to: way.endpoint, from: way.director.address).carry(probe)
  }

  private func tunnel(to address: IPAddress, from source: IPAddress) -> ServerTunnel {
    ServerTunnel(
      to: address, OuterHeader(encapsulation, key: expectation.request.key ?? 0, port: port, computesUDPChecksum: true),
      by: Destination.Path(
        source: IPPrefix(host: source), nextHop: macAddress, egress: Self.director,
        interface: interface.index.rawValue, mtu: UInt16(clamping: interface.mtu)))
  }

  private var port: UInt16 { expectation.request.port ?? OuterHeader.defaultPort }

  private var encapsulation: Encapsulation {
    switch expectation.request.encapsulation {
    case .ipip: .ipip
    case .gre: expectation.request.key == nil ? .gre : .greKey
    case .gue: .gue
    case .fou: .fou
    case .l2: .l2
    }
  }
}

extension ProbeReport.Answer {
  init(_ answer: Probing.Answer?) {
    switch answer?.content {
    case nil: self = .none
    case .accepted: self = .accepted
    case .refused: self = .refused
    case .datagram, .echo: self = answer.map { .replied(from: $0.source) } ?? .none
    case .problem(let problem): self = .unreachable(problem.words)
    }
  }
}

extension ICMPProblem {
  fileprivate var words: String {
    let matter =
      switch kind {
      case .protocolUnreachable: "nothing takes this protocol"
      case .portUnreachable: isAboutTunnel ? "nobody takes it out of its tunnel" : "nobody has this port"
      case .noRoute: "there is no way on"
      case .prohibited: "a filter refuses it"
      case .tooBig(let mtu): "it is longer than \(mtu) bytes"
      case .timeExceeded: "it has passed too many routers"
      case .other(let type, let code): "ICMP type \(type), code \(code)"
      }
    return isAboutTunnel ? "\(matter), says the host of the tunnel's packet" : "\(matter), says the host"
  }
}
