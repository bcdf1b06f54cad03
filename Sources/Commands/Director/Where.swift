// SPDX-License-Identifier: MIT
public import ArgumentParser
import Balancing
import Configuration
import DataPlane
import Director
import Linux
import Wire

/// `culvert where`: the decision about a flow, without a packet.
public struct Where: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Say which real server a flow goes to, and why, without a packet.",
    usage: "culvert where <client> <service> [<options>]",
    discussion: """
      Asks the director that runs here or, with --config, the tables that a configuration leads to: the same on every \
      director.

      EXAMPLE: culvert where 198.51.100.7:40001 203.0.113.80:80
      """)

  @Argument(help: "The client's address and port; IPv6 in brackets.")
  var client: Endpoint

  @Argument(help: "The virtual address and port.")
  var service: Endpoint

  @Option(name: .customLong("protocol"), help: "tcp, udp, sctp, esp, or another protocol's number.")
  var transport = TransportArgument.tcp

  @Option(help: "Ask this configuration instead of the director that runs.")
  var config: String?

  @Option(help: "The interface of the director to ask, where several run.")
  var interface: String?

  @OptionGroup var state: StateOptions

  @Flag(help: "Print JSON.")
  var json = false

  public init() {}

  public func run() throws {
    let answer = try config.map(answer(by:)) ?? runningAnswer()
    if json {
      try Output.json(answer)
    } else {
      print(answer.text)
    }
  }

  private var flow: FlowTuple {
    FlowTuple(
      client: client.address.mapped, clientPort: client.port, address: service.address.mapped, port: service.port,
      transportProtocol: transport.transportProtocol)
  }

  private func answer(by file: String) throws -> FlowAnswer {
    let configuration = try CheckConfiguration.read(file)
    return try explaining {
      var state = ForwardingState()
      _ = try state.apply(configuration.balancing, paths: [:], now: Tick(rawValue: 1))
      return try answer(state, remembered: nil)
    }
  }

  private func runningAnswer() throws -> FlowAnswer {
    try explaining {
      let director = try RunningDirector(
        stateDirectory: state.stateDirectory, bpffs: state.bpffs, interface: interface)
      let state = try director.state()
      guard let placement = state.placement(of: flow) else { return try answer(state, remembered: nil) }
      return try answer(state, remembered: try director.tables.flow(hash: placement.memory))
    }
  }

  private func answer(_ state: ForwardingState, remembered: Flow?) throws -> FlowAnswer {
    guard let placement = state.placement(of: flow) else {
      let list = config.map { "culvert check --print \($0)" } ?? "culvert list"
      throw CommandFailure("no service at \(service) for \(transport): \(list) shows those there are")
    }
    return FlowAnswer(client: client, service: service, transport, placement, remembered, state)
  }
}
