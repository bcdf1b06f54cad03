// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning
import Wire

/// `culvert real up`
struct RealUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Take directors' packets out of their tunnels, and hold the virtual addresses.",
    usage: "culvert real up --vip <vip> [--director <ip>] --interface <name> ...",
    discussion: """
      Prints each command as it runs it, with the values from before. Nothing is
      left behind when one fails, and 'culvert real down' undoes exactly what was
      done, even when this was interrupted. Doing it again changes only what is
      missing.

        culvert real up --vip 203.0.113.80 --director 192.0.2.10 --interface eth0

      IPv4 and IPv6 may be mixed. Only the directors are listened to. With
      --decapsulate bpf only packets for the virtual addresses come through, too,
      and --vip and --director take prefixes. 'auto' takes a tunnel device of the
      kernel if that can do it and has the driver, else bpf. --encapsulation l2
      has no tunnel, and takes no --director.
      """)

  @Option(help: "A virtual address, or a prefix of them, that this host serves; repeatable.")
  var vip: [String]

  @Option(help: "The address or prefix that a director sends from; repeatable.")
  var director: [String] = []

  @Option(help: "Where directors' packets arrive.")
  var interface: String

  @Option(help: "What directors send. (bpf takes ipip and gre always)")
  var encapsulation: Delivery = .ipip

  @Option(help: "The key in directors' packets (gre).")
  var key: UInt32?

  @Option(help: "The UDP port that directors send to (gue and fou). (default: 6080)")
  var port: UInt16?

  @Option(help: "Who takes packets out of tunnels.")
  var decapsulate: RealServerRequest.Choice = .auto

  @Option(help: "The address that directors send to; repeatable. (default: all of the interface)")
  var local: [String] = []

  @OptionGroup var state: StateOptions

  func run() throws {
    let request = RealServerRequest(
      virtualAddresses: try vip.map { try IPPrefix($0, givenTo: "--vip") },
      directors: try director.map { try IPPrefix($0, givenTo: "--director") }, interface: interface,
      encapsulation: encapsulation, key: key, port: port, decapsulation: decapsulate,
      endpoints: try local.map { try IPAddress($0, givenTo: "--local") }, bpffs: state.bpffs)
    let control = RealServerControl(stateDirectory: state.stateDirectory)
    let outcome = try control.up(request, report: Output.command)
    print("\(outcome.isChanged ? "" : "already ")a real server on \(interface), \(outcome.decapsulation.manner)")
  }
}

extension Decapsulation {
  fileprivate var manner: String {
    switch self {
    case .kernel: "with the kernel's tunnels"
    case .bpf: "with Culvert's decapsulator"
    case .unneeded: "without a tunnel"
    }
  }
}
