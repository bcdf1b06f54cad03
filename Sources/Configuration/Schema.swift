// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

/// What the file looks like: every key with its form and default. What the parts must be to each other is in
/// `Consistency`.
struct Schema {
  func read(_ file: Value) -> DirectorConfiguration? {
    file.fields { fields -> DirectorConfiguration? in
      let director = fields.required("director") { self.director($0.called(quoted("director"))) }
      let checks = fields.optional("checks") {
        $0.called(quoted("checks")).table(of: "check", limit: DirectorConfiguration.checkLimit, read: check)
      }
      let namedChecks = checks.map(byName) ?? (fields.has("checks") ? nil : [:])
      let servers = fields.required("servers") {
        $0.called(quoted("servers")).table(of: "server", limit: DirectorConfiguration.memberLimit, read: server)
      }
      let policies = fields.optional("virtual-addresses") {
        $0.list(of: "virtual address", in: "the file", limit: DirectorConfiguration.serviceLimit, read: policy)
      }
      let namedServers = servers.map(byName)
      let services = fields.required("services") {
        $0.called(quoted("services")).table(of: "service", limit: DirectorConfiguration.serviceLimit) {
          service($0, $1, servers: namedServers, checks: namedChecks)
        }
      }
      Consistency(
        sources: director?.sources ?? [], checks: checks ?? [], servers: servers ?? [], policies: policies ?? [],
        services: services ?? []
      ).check()
      guard var configuration = director?.configuration, let servers, let services else { return nil }
      configuration.checks = checks?.compactMap(\.content) ?? []
      configuration.servers = servers.compactMap(\.content)
      configuration.policies = policies?.compactMap(\.content) ?? []
      configuration.services = services.compactMap(\.content)
      if file.reading.problems.isEmpty { ProbeLoad(configuration: configuration).warn(file) }
      return configuration
    }
  }

  private func byName<Content>(_ entries: [Entry<Content>]) -> [String: Entry<Content>] {
    Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A configuration without servers and services (`nil` where it cannot be read), and where the file has its sources.
  private func director(
    _ value: Value
  ) -> (configuration: DirectorConfiguration?, sources: [Entry<IPPrefix>])? {
    value.fields { fields in
      let interface = fields.required("interface", scalar(Format.interface))
      let engine = fields.optional("engine", scalar(Format.choice(Words.engines)))
      let sources = fields.optional("source") { self.sources($0, of: value) } ?? []
      let limits = self.limits(&fields)
      let probes = fields.optional("probes-per-second", scalar(Format.number(in: 1...100_000)))
      let socket = fields.optional("socket", self.socket)
      let ordered = sources.compactMap(\.content).sorted { $0.address.version.rawValue < $1.address.version.rawValue }
      let configuration = interface.map {
        DirectorConfiguration(
          interface: $0, engine: engine ?? .kernel, sources: ordered, servers: [], services: [], limits: limits,
          probesPerSecond: probes ?? 5_000, socket: socket ?? SocketAccess())
      }
      return (configuration, sources)
    }
  }

  /// One source, or a list of one for each family.
  private func sources(_ value: Value, of director: Value) -> [Entry<IPPrefix>]? {
    let read = scalar(Format.source)
    let entries = value.several(of: "source", in: director.label, limit: 2, read: read)
    if let entries, entries.count == 2, let first = entries[0].content, let second = entries[1].content,
      first.address.version == second.address.version
    {
      entries[1].value.refuse("is a second one of \(first.address.version.name); a prefix stands for several addresses")
    }
    return entries
  }

  private func limits(_ fields: inout Fields) -> RateLimits {
    var limits = RateLimits()
    if let replies = fields.optional("replies-per-second", scalar(Format.number(in: 0...1_000_000))) {
      limits.replies = UInt32(replies)
    }
    if let flows = fields.optional("new-flows-per-second", scalar(Format.number(in: 0...10_000_000))) {
      limits.flows = UInt32(flows)
    }
    return limits
  }

  /// A group without a mode may use the socket.
  private func socket(_ value: Value) -> SocketAccess? {
    value.fields { fields in
      let group = fields.optional("group", scalar(Format.group))
      let mode = fields.optional("mode", scalar(Format.socketMode))
      if let group, let mode, mode & 0o060 == 0 {
        value.reading.warn(
          "group \(quoted(group)) cannot use the socket: write \"mode: 660\"", at: value.position(of: "mode"))
      }
      return SocketAccess(group: group, mode: mode ?? (group == nil ? 0o600 : 0o660))
    }
  }

  private func policy(_ value: Value) -> VirtualAddressPolicy? {
    value.fields { fields -> VirtualAddressPolicy? in
      let prefix = fields.required("address", scalar(Format.unicastPrefix))
      let ports = fields.optional("unconfigured-ports", scalar(Format.choice(Words.unconfiguredPorts)))
      let echo = fields.optional("echo", scalar(Format.choice(Words.echoes)))
      return prefix.map {
        VirtualAddressPolicy(prefix: $0, unconfiguredPorts: ports ?? .pass, echo: echo ?? .always)
      }
    }
  }
}
