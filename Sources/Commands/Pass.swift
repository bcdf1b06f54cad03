// SPDX-License-Identifier: MIT
import ArgumentParser
import BPF
import KernelEngine
import Linux
import Netlink

/// `culvert pass`
struct Pass: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass",
    abstract: "Let a veth device receive what its peer sends from XDP.",
    discussion: """
      A director with the kernel engine on one end of a veth pair, as in labs and
      containers, sends from XDP. Such frames vanish, though they are counted as
      sent, unless the other end has an XDP program of its own. This one lets every
      frame pass:

        culvert pass attach veth-to-director
      """,
    subcommands: [PassAttach.self, PassDetach.self])
}

/// `culvert pass attach`
struct PassAttach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Attach the program; it stays until it is detached.",
    usage: "culvert pass attach <device> [<options>]",
    discussion: "EXAMPLE: culvert pass attach veth0")

  @Argument(help: "The end of the veth pair that is to receive.")
  var device: String

  @OptionGroup var state: StateOptions

  func run() throws {
    let index = try device.index()
    try Capability.require(.netAdmin, .bpf, for: "attach a program to \(device)")
    let root = try BPFFileSystem.prepared(at: state.bpffs, report: Output.command)
    let pins = try PinDirectory.inThisNamespace(root: root, role: .pass, interface: device)
    let report = try PassProgram.attach(to: index, pins: pins)
    if let refusal = report.nativeRefusal {
      Output.note("attached in generic mode, since native was refused: \(refusal)")
    }
  }
}

/// `culvert pass detach`
struct PassDetach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detach", abstract: "Take the program off again; nothing to do is fine.",
    usage: "culvert pass detach <device> [<options>]",
    discussion: "EXAMPLE: culvert pass detach veth0")

  @Argument(help: "The device that has it.")
  var device: String

  @OptionGroup var state: StateOptions

  func run() throws {
    try Capability.require(.netAdmin, .bpf, for: "detach a program from \(device)")
    guard try BPFFileSystem.isMounted(at: state.bpffs) else { return }
    let root = try BPFFileSystem(at: state.bpffs)
    try PinDirectory.inThisNamespace(root: root, role: .pass, interface: device).detach()
  }
}

extension String {
  /// The number of the link of this name.
  fileprivate func index() throws -> UInt32 {
    guard let link = try NetlinkConnection().link(named: self) else {
      throw CommandFailure(
        "there is no interface \"\(self)\" in this network namespace: 'ip link' lists those there are")
    }
    return link.index.rawValue
  }
}
