// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import Wire

extension Schema {
  func service(
    _ name: String, _ value: Value, servers: [String: Entry<RealServer>]?, checks: [String: Entry<HealthCheck>]?
  ) -> Service? {
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
      let references = CheckReferences(service: value, transport: transport, ports: ports, checks: checks)
      let availability = self.availability(&fields, references)
      let pools = PoolReader(service: value, version: version, servers: servers).read(&fields)
      guard let prefix, let transport, let ports, let pools else { return nil }
      return Service(
        name: name, match: ServiceMatch(prefix: prefix, ports: ports, transportProtocol: transport),
        tracking: tracking ?? (transport == .tcp ? .transitions : .none), affinity: affinity,
        hashesFragments: hashesFragments ?? false, idleTimeout: idleTimeout ?? .seconds(900),
        drainTimeout: drainTimeout ?? .seconds(3_600), pools: pools, whenShort: availability.whenShort,
        whenAllDown: availability.whenAllDown, slowStart: availability.slowStart, checks: availability.checks)
    }
  }

  /// What a service says of servers that come and go.
  private struct Availability {
    var checks: [String]
    var slowStart: Duration
    var whenShort: ShortPoolAnswer
    var whenAllDown: AllDownAnswer
  }

  private func availability(_ fields: inout Fields, _ references: CheckReferences) -> Availability {
    let checks = references.read(&fields)
    let slowStart = fields.optional("slow-start", scalar(Format.duration(in: 0...3_600)))
    let whenShort = fields.optional(
      "when-short", where: fields.has("pools"), otherwise: "is for services with \"pools\": no other one can help",
      scalar(Format.choice(Words.shortPools)))
    let whenAllDown = fields.optional("all-down", scalar(Format.choice(Words.allDown)))
    return Availability(
      checks: checks, slowStart: slowStart ?? .zero, whenShort: whenShort ?? .overflow,
      whenAllDown: whenAllDown ?? .drop)
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
}
