// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

extension Schema {
  func service(_ name: String, _ value: Value, servers: [Entry<RealServer>]?) -> Service? {
    value.fields { fields -> Service? in
      let prefix = fields.required("address", scalar(Format.unicastPrefix))
      let version = prefix?.address.version
      let transport = fields.optional("protocol", default: .tcp) { self.transport($0, over: version) }
      let ports = self.ports(&fields, of: transport)
      let tracking = fields.optional("tracking") { self.tracking($0, of: transport) }
      let affinity = self.affinity(&fields, version: version)
      let hashesFragments = fields.optional("fragments", scalar(Format.choice(Words.fragments)))
      let idleTimeout = fields.optional("idle-timeout", scalar(Format.duration(in: 1...64_800)))
      let drainTimeout = fields.optional("drain-timeout", scalar(Format.duration(in: 0...604_800)))
      let members = fields.required("servers") { self.members($0, of: value, version: version, among: servers) }
      guard let prefix, let transport, let ports, let members else { return nil }
      return Service(
        name: name, match: ServiceMatch(prefix: prefix, ports: ports, transportProtocol: transport),
        tracking: tracking ?? (transport == .tcp ? .transitions : .none), affinity: affinity,
        hashesFragments: hashesFragments ?? false, idleTimeout: idleTimeout ?? .seconds(900),
        drainTimeout: drainTimeout ?? .seconds(3_600), members: members)
    }
  }

  private func transport(_ value: Value, over version: IPVersion?) -> TransportProtocol? {
    let transport = scalar(Format.transportProtocol)(value)
    guard transport == .authentication, version == .v6 else { return transport }
    value.refuse("must not be ah for an IPv6 address: it is an extension header there; name the protocol behind it")
    return nil
  }

  private func ports(_ fields: inout Fields, of transport: TransportProtocol?) -> ClosedRange<UInt16>? {
    let read = scalar(Format.ports)
    guard let transport else { return fields.optional("port", read) }
    guard !transport.hasPorts else { return fields.required("port", read) }
    let found = fields.optional(
      "port", where: false, otherwise: "must be left out: protocol \(Words.word(transport)) has no ports", read)
    return found ?? 0...0
  }

  private func tracking(_ value: Value, of transport: TransportProtocol?) -> Tracking? {
    let tracking = scalar(Format.choice(Words.trackings))(value)
    guard tracking == .transitions, let transport, transport != .tcp else { return tracking }
    value.refuse(
      """
      must be always or none for \(Words.word(transport)): new flows are told from old ones by their SYN, which is \
      TCP's
      """, suggestion: "always")
    return nil
  }

  private func affinity(_ fields: inout Fields, version: IPVersion?) -> Affinity {
    let kind = fields.optional("affinity", default: .flow, scalar(Format.choice(Words.affinities)))
    let width = (version ?? .v6).addressWidth
    let bits = fields.optional(
      "affinity-prefix", where: [.source, nil].contains(kind),
      otherwise: "is for \"affinity: source\", where it says how much of the client's address counts",
      scalar(Format.number(in: 1...width)))
    return Affinity(kind: kind ?? .flow, clientBits: UInt8(128 - width + (bits ?? width)))
  }

  // MARK: - Members

  private func members(
    _ value: Value, of service: Value, version: IPVersion?, among servers: [Entry<RealServer>]?
  ) -> [Member]? {
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
    Membership(service: service, version: version, members: entries).check()
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
