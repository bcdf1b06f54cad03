// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: canRunDirectors, why))
struct `A director that cannot run` {
  /// How a director ends that is started in the namespace.
  private func refusal(_ lab: Lab, without capabilities: [String] = []) throws -> String {
    let director = try lab.launch(without: capabilities)
    #expect(try director.end() == 1)
    let remains = try lab.remains()
    #expect(remains == "")
    return director.errors
  }

  @Test(arguments: engines)
  func `names the interfaces there are`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.ip("link add eth1 type veth peer name eth2")
      try lab.configure(engine: engine, ("interface: eth0", "interface: eth9"))
      let refusal = try refusal(lab)
      #expect(refusal == "Error: there is no interface eth9 here; there are: eth0, eth1, eth2\n")
    }
  }

  @Test(arguments: engines)
  func `needs an Ethernet interface`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine, ("interface: eth0", "interface: lo"))
      let refusal = try refusal(lab)
      #expect(refusal == "Error: lo is not an Ethernet interface\n")
    }
  }

  @Test(arguments: [
    ("userspace", ["net_admin"], "CAP_NET_ADMIN"), ("userspace", ["net_raw"], "CAP_NET_RAW"),
    ("kernel", ["net_admin"], "CAP_NET_ADMIN"), ("kernel", ["bpf"], "CAP_BPF"),
  ])
  func `names the capability it lacks`(_ engine: String, _ capabilities: [String], _ name: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let refusal = try refusal(lab, without: capabilities)
      #expect(
        refusal == """
          Error: cannot run a director on eth0: Operation not permitted (needs \(name): run as root, or give the \
          service AmbientCapabilities=\(name))

          """)
    }
  }

  @Test func `does not promise what only the kernel engine can do`() throws {
    try Lab.run { lab in
      try lab.configure(engine: "userspace")
      let director = try lab.launch(without: [], "--stay")
      #expect(try director.end() == 1)
      #expect(
        director.errors
          == "Error: --stay needs the kernel engine: the userspace engine forwards in this process\n")
    }
  }

  @Test func `prints the problems of its configuration like culvert check`() throws {
    try Lab.run { lab in
      try lab.configure(engine: "ebpf", ("port: 53", "port: 0"))
      let refusal = try refusal(lab)
      let check = try ChildProcess.culvert(["check", lab.files.path(of: "c.yaml")])
      #expect(try check.end() == 1)
      #expect(refusal == check.errors)
      #expect(refusal.split(separator: "\n").count == 2)
    }
  }
}
