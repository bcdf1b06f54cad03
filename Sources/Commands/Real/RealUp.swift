// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning
import Wire

/// `culvert real up`
struct RealUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Take directors' packets out of their tunnels, and hold the virtual addresses.",
    usage: "culvert real up --vip <vip> --director <ip> --interface <name> ...",
    discussion: """
      Prints each command as it runs it, with the values from before. Nothing is
      left behind when one fails, and 'culvert real down' undoes exactly what was
      done, even when this was interrupted. Doing it again changes only what is
      missing.

        culvert real up --vip 203.0.113.80 --director 192.0.2.10 --interface eth0

      Only the directors are listened to. With --decapsulate bpf only packets for
      the virtual addresses come through, too. 'auto' takes a tunnel device of the
      kernel if it has the driver, else bpf.
      """)

  @Option(help: "A virtual address that this host serves; repeatable.")
  var vip: [String]

  @Option(help: "The address that a director sends from; repeatable.")
  var director: [String]

  @Option(help: "Where directors' packets arrive.")
  var interface: String

  @Option(help: "What directors send. (bpf takes both)")
  var encapsulation: TunnelProtocol = .ipip

  @Option(help: "Who takes packets out of tunnels.")
  var decapsulate: RealServerRequest.Choice = .auto

  @Option(help: "The address that directors send to; repeatable. (default: all of the interface)")
  var local: [String] = []

  @OptionGroup var state: StateOptions

  func run() throws {
    let request = RealServerRequest(
      virtualAddresses: try vip.map { try IPAddress($0, givenTo: "--vip") },
      directors: try director.map { try IPAddress($0, givenTo: "--director") }, interface: interface,
      encapsulation: encapsulation, decapsulation: decapsulate,
      endpoints: try local.map { try IPAddress($0, givenTo: "--local") }, bpffs: state.bpffs)
    let control = RealServerControl(stateDirectory: state.stateDirectory)
    let outcome = try control.up(request, report: Output.command)
    let manner = outcome.decapsulation == .bpf ? "Culvert's decapsulator" : "the kernel's tunnels"
    print("\(outcome.isChanged ? "" : "already ")a real server on \(interface), with \(manner)")
  }
}
