// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning

/// `culvert real up`
struct RealUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Take directors' packets out of their tunnels, and hold the virtual addresses.",
    usage: "culvert real up --config <file> | --vip <vip> --interface <name> ...",
    discussion: """
      Prints each command as it runs it, with the values from before. Nothing is
      left behind when one fails, and 'culvert real down' undoes exactly what was
      done, even when this was interrupted. Doing it again changes only what is
      missing, and follows what has changed on the host. 'plan' only prints it.

        culvert real up --vip 203.0.113.80 --director 192.0.2.10 --interface eth0
        culvert real up --config /etc/culvert/real.yaml --boot

      IPv4 and IPv6 may be mixed. Only the directors are listened to, and only for
      the virtual addresses. With --decapsulate bpf, --vip and --director take
      prefixes. 'auto' takes a tunnel device of the kernel if that can do it and has
      the driver, else bpf. --encapsulation l2 has no tunnel, and takes no --director.
      """)

  @OptionGroup var options: RealOptions
  @OptionGroup var boot: BootOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    let unit = try boot.unit(options, state, namespace)
    let request = try options.request(bpffs: state.bpffs)
    let control = RealServerControl(stateDirectory: state.stateDirectory)
    let outcome = try control.up(request, boot: unit, report: Output.command)
    let already = outcome.isChanged ? "" : "already "
    print("\(already)a real server on \(request.interface), \(outcome.decapsulation.manner)")
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
