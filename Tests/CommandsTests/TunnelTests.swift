// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@Suite struct `culvert tunnel` {
  private static let ends = ["--local", "192.0.2.10", "--remote", "198.51.100.7", "--mtu", "1400"]

  private static func culvert(_ arguments: [String]) throws -> Ending { try ChildProcess.culvert(arguments).ending() }

  @Test func `prints a plan for everybody, to the output alone`() throws {
    let ending = try Self.culvert(
      ["tunnel", "add", "site-b", "--kind", "gre", "--key", "42", "--encap", "fou", "--port", "6081"] + Self.ends
        + ["--address", "10.9.0.1/30", "--route", "10.8.0.0/16 metric 7", "--plan"])
    #expect(
      ending
        == Ending(
          status: 0,
          output: """
            ip link add name site-b mtu 1400 type gre local 192.0.2.10 remote 198.51.100.7 key 42 ttl 64 tos inherit \
            encap fou encap-sport auto encap-dport 6081
            ip link set dev site-b up alias culvert
            ip fou add port 6081 ipproto 47
            ip address add 10.9.0.1/30 dev site-b
            ip route add 10.8.0.0/16 dev site-b metric 7 proto 197

            """, errors: ""))
  }

  @Test(
    arguments: [
      (["--ttl", "0"], "--ttl 0: neither inherit nor a number from 1 to 255"),
      (["--ttl", "256"], "--ttl 256: neither inherit nor a number from 1 to 255"),
      (["--tos", "x"], "--tos x: neither inherit nor a number from 0 to 255"),
      (["--tos", "0x3"], "a TOS of 3 sets the bits of ECN: give a multiple of 4 from 0 to 252, or inherit"),
      (["--key", "-"], "--key -: neither none nor a number from 0 to 4294967295"),
      (["--mtu", "big"], "--mtu big: neither auto nor a number from 0 to 4294967295"),
      (["--encaplimit", "4"], "IPv4 has no limit of encapsulation: leave --encaplimit out"),
      (["--mode", "any"], "gre has no modes: leave --mode out"),
      (["--port", "7"], "only tunnels in UDP have a port: leave --port out, or give --encap fou or gue"),
      (
        ["--route", "10.8"],
        #"--route: "10.8" is no route such as 10.8.0.0/16, or "10.8.0.0/16 via 10.9.0.2 metric 100""#
      ),
      (["--address", "10.9.0.1/33"], "--address 10.9.0.1/33: not an address or a prefix such as 10.9.0.0/30"),
      (["--local", "here"], "--local here: not an IP address such as 192.0.2.10"),
      (
        ["--remote", "2001:db8::7"],
        "both ends of a tunnel have one IP version, which 192.0.2.10 and 2001:db8::7 have not"
      ),
    ])
  func `says what would be right`(options: [String], reason: String) throws {
    let ending = try Self.culvert(
      ["tunnel", "add", "site-b", "--kind", "gre"] + Self.ends + options + ["--plan"])
    #expect(ending == Ending(status: 1, output: "", errors: "Error: \(reason)\n"))
  }

  @Test(
    arguments: [
      ["tunnel", "add", "site-b", "--kind", "gue"] + ends, ["tunnel", "add", "site-b"], ["tunnel", "remove"],
      ["tunnel", "remove", "site-b", "--all"], ["tunnel", "list", "--json", "--tsv"], ["tunnel", "apply"],
    ])
  func `calls wrong usage by its status`(arguments: [String]) throws {
    let ending = try Self.culvert(arguments)
    #expect(ending.status == 64)
    #expect(ending.errors.contains("Usage: culvert tunnel"))
  }

  @Test func `reads a file from the standard input or from its place`() throws {
    let files = try TemporaryDirectory()
    let file = try files.write("[]", to: "tunnels.json")
    let nothing = Ending(status: 0, output: "", errors: "nothing to do: everything is as it shall be\n")
    #expect(try Self.culvert(["tunnel", "apply", file, "--plan"]) == nothing)
    let broken = try files.write("{}", to: "broken.json")
    let ending = try Self.culvert(["tunnel", "apply", broken, "--plan"])
    #expect(ending.errors == "Error: \(broken): not a list of tunnels such as 'culvert tunnel list --json' prints\n")
  }
}
