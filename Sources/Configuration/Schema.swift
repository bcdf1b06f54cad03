// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

/// What the file looks like: every key with its form and default. What the parts must be to each other is in
/// `Consistency`.
struct Schema {
  private static let engines: KeyValuePairs = ["kernel": EngineKind.kernel, "userspace": .userspace]
  private static let states: KeyValuePairs = ["up": AdministrativeState.up, "drain": .drain, "down": .down]
  static let encapsulations: KeyValuePairs = ["ipip": Encapsulation.ipip, "gre": .gre]
  static let protocols: KeyValuePairs = ["tcp": TransportProtocol.tcp, "udp": .udp]
  static let trackings: KeyValuePairs = ["transitions": Tracking.transitions, "none": .none]

  /// What the file calls `choice`; `nil` if it has no word for it.
  static func word<Choice: Equatable>(_ choice: Choice, in words: KeyValuePairs<String, Choice>) -> String? {
    words.first { $0.value == choice }?.key
  }

  func read(_ file: Value) -> DirectorConfiguration? {
    file.fields { fields -> DirectorConfiguration? in
      let director = fields.required("director") { value in
        self.director(value.called(quoted("director"))).map { (read: $0, sourcePosition: value.position(of: "source")) }
      }
      let servers = fields.required("servers") {
        $0.called(quoted("servers")).table(of: "server", limit: DirectorConfiguration.memberLimit, read: server)
      }
      let services = fields.required("services") {
        $0.called(quoted("services")).table(of: "service", limit: DirectorConfiguration.serviceLimit) {
          service($0, $1, servers: servers)
        }
      }
      let source = director.flatMap { found in found.read.source.map { ($0, found.sourcePosition) } }
      Consistency(source: source, servers: servers ?? [], services: services ?? []).check()
      guard var configuration = director?.read, let servers, let services else { return nil }
      configuration.servers = servers.compactMap(\.content)
      configuration.services = services.compactMap(\.content)
      return configuration
    }
  }

  /// A configuration without servers and services.
  private func director(_ value: Value) -> DirectorConfiguration? {
    value.fields { fields -> DirectorConfiguration? in
      let interface = fields.required("interface", scalar(Format.interface))
      let engine = fields.optional("engine", scalar(Format.choice(Self.engines)))
      let source = fields.optional("source", scalar(Format.unicastAddress))
      guard let interface else { return nil }
      return DirectorConfiguration(
        interface: interface, engine: engine ?? .kernel, source: source, servers: [], services: [])
    }
  }

  private func server(_ name: String, _ value: Value) -> RealServer? {
    value.fields { fields -> RealServer? in
      let address = fields.required("address", scalar(Format.unicastAddress))
      let encapsulation = fields.optional("encapsulation", scalar(Format.choice(Self.encapsulations)))
      let site = fields.optional("site", scalar(Format.name))
      let state = fields.optional("state", scalar(Format.choice(Self.states)))
      guard let address else { return nil }
      return RealServer(
        name: name, address: address, encapsulation: encapsulation ?? .ipip, site: site,
        administrativeState: state ?? .up)
    }
  }

  private func service(_ name: String, _ value: Value, servers: [Entry<RealServer>]?) -> Service? {
    value.fields { fields -> Service? in
      let address = fields.required("address", scalar(Format.unicastAddress))
      let port = fields.required("port", scalar(Format.number(in: 1...65_535)))
      let transport = fields.optional("protocol", scalar(Format.choice(Self.protocols))) ?? .tcp
      let tracking = fields.optional("tracking") { self.tracking($0, of: transport) }
      let idleTimeout = fields.optional("idle-timeout", scalar(Format.duration(in: 1...86_400)))
      let drainTimeout = fields.optional("drain-timeout", scalar(Format.duration(in: 0...604_800)))
      let members = fields.required("servers") { self.members($0, of: value, among: servers) }
      guard let address, let port, let members else { return nil }
      return Service(
        name: name, address: address, port: UInt16(port), transportProtocol: transport,
        tracking: tracking ?? (transport == .tcp ? .transitions : .none),
        idleTimeout: idleTimeout ?? .seconds(900), drainTimeout: drainTimeout ?? .seconds(3_600), members: members)
    }
  }

  private func tracking(_ value: Value, of transport: TransportProtocol) -> Tracking? {
    let tracking = scalar(Format.choice(Self.trackings))(value)
    guard tracking == .transitions, transport == .udp else { return tracking }
    value.refuse(
      "must be none for udp: new flows are told from old ones by their SYN, and UDP has none", suggestion: "none")
    return nil
  }

  private func members(_ value: Value, of service: Value, among servers: [Entry<RealServer>]?) -> [Member]? {
    let byName = servers.map { Dictionary($0.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }
    let entries = value.list(of: "server", in: service.label, limit: DirectorConfiguration.memberLimit) { item in
      let server: Reader<RealServer> = { reference($0, in: service, to: byName) }
      if item.isSingle { return server(item).map { Member(server: $0) } }
      return item.fields { fields -> Member? in
        let server = fields.required("name", server)
        let weight = fields.optional("weight", scalar(Format.weight))
        return server.map { Member(server: $0, weight: weight ?? 1) }
      }
    }
    guard let entries else { return nil }
    Consistency.checkMembers(entries, of: service)
    return entries.compactMap(\.content)
  }

  /// The server that a member names; `nil` without a word if that server's own entry, or all of them, are at fault.
  private func reference(
    _ value: Value, in service: Value, to servers: [String: Entry<RealServer>]?
  ) -> RealServer? {
    guard let name = value.text(), let servers else { return nil }
    guard let entry = servers[name] else {
      value.reading.report(
        "unknown server \(quoted(name)) in \(service.label)", at: value.node.position,
        suggestion: suggestion(for: name, among: servers.keys.sorted()))
      return nil
    }
    return entry.content
  }
}
