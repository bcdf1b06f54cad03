// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import Configuration
import DataPlane
import Director
import Linux
import Netlink
import Probing
import Wire

/// `culvert check server NAME`: how far packets come.
struct CheckServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Send a real server one packet through its tunnel, and say how far it came.",
    usage: "culvert check server <name> [<options>]",
    discussion: """
      On a director. For each service of the server: a small SYN and one of full size, encapsulated as the director does \
      it. Asks for what the director that runs here has in force or, with --config, for what a configuration says. Ends \
      with 1 unless both sizes are answered.

      EXAMPLE: culvert check server web1 --service web
      """)

  @Argument(help: "The name of the real server in the configuration.")
  var name: String

  @Option(help: "Only this service. (default: each that the server is in)")
  var service: String?

  @Option(help: "Take servers and services from this configuration.")
  var config: String?

  @Option(help: "The interface of the director to ask, where several run.")
  var interface: String?

  @Option(name: .customLong("from"), help: "The address that answers are sent to. (default: by route)")
  var source: String?

  @OptionGroup var patience: TimeoutOptions

  @OptionGroup var state: StateOptions

  @OptionGroup var namespace: NamespaceOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try namespace.enter()
    try Capability.require(.netRaw, for: "send probes")
    let configuration = try readConfiguration()
    let server = try server(of: configuration)
    let reports = try explaining { try ask(server, configuration) }
    let listing = ServerCheck(server, reports)
    if json { try Output.json(listing) } else { print(listing.text) }
    guard listing.isGood else { throw ExitCode.failure }
  }

  private func readConfiguration() throws -> DirectorConfiguration {
    if let config { return try CheckConfiguration.read(config) }
    return try explaining {
      try RunningDirector(stateDirectory: state.stateDirectory, bpffs: state.bpffs, interface: interface).configuration
    }
  }

  private func server(of configuration: DirectorConfiguration) throws -> RealServer {
    guard let server = configuration.servers.first(where: { $0.name == name }) else {
      let names = configuration.servers.map(\.name).joined(separator: ", ")
      throw CommandFailure("no server \"\(name)\" in the configuration; there are: \(names)")
    }
    return server
  }

  private func services(of server: RealServer, _ configuration: DirectorConfiguration) throws -> [ProbedService] {
    let services = configuration.services.filter { $0.members.contains { $0.server.name == server.name } }
    guard let wanted = service else {
      guard !services.isEmpty else { throw CommandFailure("\(server.name) is in no service: there is nothing to ask") }
      return services.map(ProbedService.init)
    }
    guard let service = services.first(where: { $0.name == wanted }) else {
      let names = services.map(\.name).joined(separator: ", ")
      throw CommandFailure("\(server.name) is not in a service \"\(wanted)\"; it is in: \(names)")
    }
    return [ProbedService(service)]
  }

  private func ask(_ server: RealServer, _ configuration: DirectorConfiguration) throws -> [ServiceReport] {
    let services = try services(of: server, configuration)
    switch try PathState.lookUp(server.address, sources: configuration.sources, patience: .seconds(3)) {
    case .unreachable(let reason): return services.map { ServiceReport(unrouted: $0, reason) }
    case .path(let path):
      let tunnel = ServerTunnel(to: server.address, server.outer, by: path)
      return try services.map { try report(on: $0, by: tunnel) }
    }
  }

  private func report(on service: ProbedService, by tunnel: ServerTunnel) throws -> ServiceReport {
    let source = try source(for: service.virtualAddress, by: tunnel)
    var probe = ServerProbe(service, by: tunnel, from: source, timeout: patience.timeout)
    return try probe.run()
  }

  private func source(for virtualAddress: IPAddress, by tunnel: ServerTunnel) throws -> IPAddress {
    if let source { return try IPAddress(source, givenTo: "--from", like: virtualAddress) }
    guard let source = try OwnAddresses(NetlinkConnection()).source(for: virtualAddress, by: tunnel) else {
      throw CommandFailure(
        "this host has no address at which \(virtualAddress) could answer it: name one with --from")
    }
    return source
  }
}

extension IPAddress {
  /// The address that `option` was given, which has to be of the family of `other`.
  fileprivate init(_ text: String, givenTo option: String, like other: IPAddress) throws {
    try self.init(text, givenTo: option)
    guard version == other.version else {
      throw CommandFailure("\(option) \(text): an IPv\(other.version.rawValue) address is needed, like \(other)")
    }
  }
}

extension ProbedService {
  /// The first address and port of a service.
  fileprivate init(_ service: Service) {
    self.init(
      name: service.name, virtualAddress: service.match.prefix.address, port: service.match.ports.lowerBound,
      transportProtocol: service.match.transportProtocol)
  }
}
