// SPDX-License-Identifier: MIT
import Configuration
import Testing

/// One change to the example and what is said about it.
struct Refused: CustomTestStringConvertible, Sendable {
  let old: String
  let new: String
  let message: String

  init(_ old: String, _ new: String, _ message: String) {
    self.old = old
    self.new = new
    self.message = message
  }

  var testDescription: String { "\(old) -> \(new)" }
}

@Suite struct `What is refused` {
  private static let keys = [
    Refused("source:", "sauce:", #"4:3: unknown key "sauce" in "director"; did you mean "source"?"#),
    Refused("engine:", "Engine:", #"3:3: unknown key "Engine" in "director"; did you mean "engine"?"#),
    Refused(
      "idle-timeout", "idle_timeout",
      #"15:5: unknown key "idle_timeout" in service "web"; did you mean "idle-timeout"?"#),
    Refused("tracking", "track", #"14:5: unknown key "track" in service "web"; did you mean "tracking"?"#),
    Refused("state: drain", "colour: red", #"8:58: unknown key "colour" in server "b1""#),
    Refused(
      "weight: 3", "wieght: 3", #"19:21: unknown key "wieght" in server 2 of service "web"; did you mean "weight"?"#),
    Refused(
      "state: drain", "port: 8080",
      #"8:58: "port" of server "b1" is the UDP port of a tunnel, for gue and fou, not gre: a real server answers on the service's own port, for direct server return cannot translate ports"#
    ),
    Refused(
      "state: drain", "rport: 8080",
      #"8:58: unknown key "rport" in server "b1": a real server answers on the service's own port: direct server return cannot translate ports"#
    ),
    Refused(
      "tracking: transitions", "mode: nat",
      #"14:5: unknown key "mode" in service "web": addresses are never translated: packets travel unchanged in a tunnel (see "encapsulation") and the real server answers the client directly"#
    ),
    Refused(
      "tracking: transitions", "persistence_timeout: 300",
      #"14:5: unknown key "persistence_timeout" in service "web": a flow stays with its real server anyway; "affinity: source" ties all flows of a client together"#
    ),
    Refused(
      "tracking: transitions", "<<: *web",
      #"14:9: anchors and aliases ("&name", "*name") are not supported: write the value out"#),
    Refused(
      "state: drain", "weight: 2",
      #"8:58: unknown key "weight" in server "b1": it belongs to the server's place in a service: { name: NAME, weight: NUMBER }"#
    ),
    Refused(
      "tracking: transitions", "state: down",
      #"14:5: unknown key "state" in service "web": it belongs to the real server, under "servers""#),
    Refused(
      "port: 53", "port: 53\n    ports: [53]",
      #"24:5: unknown key "ports" in service "dns"; did you mean "port"?"#
    ),
    Refused("engine: kernel", "nic: eth1", #"3:3: unknown key "nic" in "director"; did you mean "interface"?"#),
  ]

  private static let values = [
    Refused(
      "engine: kernel", "engine: user",
      #"3:11: "engine" of "director" must be kernel or userspace, not "user"; did you mean "userspace"?"#),
    Refused(
      "encapsulation: ipip", "encapsulation: ipipp",
      #"6:53: "encapsulation" of server "a1" must be ipip, gre, gue, fou or l2, not "ipipp"; did you mean "ipip"?"#),
    Refused(
      "encapsulation: ipip", "encapsulation: vxlan",
      #"6:53: "encapsulation" of server "a1" must be ipip, gre, gue, fou or l2, not "vxlan": there is no such encapsulation"#
    ),
    Refused(
      "state: drain", "state: Drain",
      #"8:65: "state" of server "b1" must be up, drain or down, not "Drain"; did you mean "drain"?"#),
    Refused(
      "tracking: transitions", "tracking: alway",
      #"14:15: "tracking" of service "web" must be transitions, always or none, not "alway"; did you mean "always"?"#),
    Refused(
      "protocol: udp", "protocol: udp\n    tracking: transitions",
      #"25:15: "tracking" of service "dns" must be always or none for udp: new flows are told from old ones by their SYN, which is TCP's; did you mean "always"?"#
    ),
    Refused(
      "port: 53", "port: 0",
      #"23:11: "port" of service "dns" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "0""#),
    Refused(
      "port: 53", "port: 65536",
      #"23:11: "port" of service "dns" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "65536""#
    ),
    Refused(
      "port: 53", "port: 053",
      #"23:11: "port" of service "dns" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "053""#),
    Refused("port: 53", "port: [53]", #"23:11: "port" of service "dns" must be a single value, not a list"#),
    Refused("port: 53", "port:", #"23:10: "port" of service "dns" must be a single value, not nothing"#),
    Refused(
      "port: 53", "port: !!int 53",
      #"23:11: "port" of service "dns" has the YAML tag "tag:yaml.org,2002:int", which means nothing here"#),
    Refused(
      "15m", "15",
      #"15:19: "idle-timeout" of service "web" must be a time from 1s to 18h, such as 90s, 15m or 1h30m, not "15"; did you mean "15s"?"#
    ),
    Refused(
      "15m", "0s",
      #"15:19: "idle-timeout" of service "web" must be a time from 1s to 18h, such as 90s, 15m or 1h30m, not "0s""#),
    Refused(
      "1h30m", "8d",
      #"16:20: "drain-timeout" of service "web" must be a time from 0s to 7d, such as 90s, 15m or 1h30m, not "8d""#),
    Refused(
      "weight: 3", "weight: 65536",
      #"19:29: "weight" of server 2 of service "web" must be a number from 1 to 65535, not "65536""#),
    Refused(
      "weight: 3", "weight: 0",
      #"19:29: "weight" of server 2 of service "web" must be from 1 to 65535, not 0; to take a server out of use, write "state: drain" on the server"#
    ),
    Refused(
      "eth0", "eth0/1",
      #"2:14: "interface" of "director" must be an interface name (1 to 15 printable characters, no "/", ":" or space), not "eth0/1""#
    ),
    Refused(
      "eth0", "abcdefghijklmnop",
      #"2:14: "interface" of "director" must be an interface name (1 to 15 printable characters, no "/", ":" or space), not "abcdefghijklmnop""#
    ),
    Refused(
      "site: B", "site: north east",
      #"8:35: "site" of server "b1" must be 1 to 63 letters, digits, "-", "_" or ".", beginning with a letter or digit, not "north east""#
    ),
    Refused(
      "  dns:", "  \"d/s\":",
      #"21:3: the name of service "d/s" must be 1 to 63 letters, digits, "-", "_" or ".", beginning with a letter or digit, not "d/s""#
    ),
  ]

  private static let addresses = [
    Refused(
      "10.2.0.11", "10.2.0.11/24",
      #"8:18: "address" of server "b1" must be an address without prefix length, not "10.2.0.11/24"; did you mean "10.2.0.11"?"#
    ),
    Refused(
      "10.2.0.11", "10.2.0.11:80",
      #"8:18: "address" of server "b1" must be an address without port, not "10.2.0.11:80"; did you mean "10.2.0.11"?"#),
    Refused(
      "10.2.0.11", "10.2.0.011",
      #"8:18: "address" of server "b1" has an octet with a leading zero, which some programs read as octal: "10.2.0.011"; did you mean "10.2.0.11"?"#
    ),
    Refused(
      "10.2.0.11", "10.2.11",
      #"8:18: "address" of server "b1" must be an address such as 192.0.2.1 or 2001:db8::1, not "10.2.11"; names are not looked up"#
    ),
    Refused(
      "203.0.113.53", "224.0.0.1",
      #"22:14: "address" of service "dns" must be the address of one machine; 224.0.0.1 is multicast (RFC 5771)"#),
    Refused(
      "203.0.113.53", "127.0.0.1",
      #"22:14: "address" of service "dns" must be the address of one machine; 127.0.0.1 is loopback (RFC 1122)"#),
    Refused(
      "203.0.113.53", "0.0.0.0",
      #"22:14: "address" of service "dns" must be the address of one machine; 0.0.0.0 is "this network" (RFC 1122)"#),
    Refused(
      "10.2.0.11", "255.255.255.255",
      #"8:18: "address" of server "b1" must be the address of one machine; 255.255.255.255 is the broadcast address (RFC 919)"#
    ),
  ]

  private static let relations = [
    Refused("[a1]", "[]", #"25:14: "servers" of service "dns" holds no server"#),
    Refused("[a1]", "a1", #"25:14: "servers" of service "dns" must be a list, not "a1""#),
    Refused("[a1]", "[a1, b1, a1]", #"25:23: server "a1" is in service "dns" twice, first at 25:15"#),
    Refused("[a1]", "[a3]", #"25:15: unknown server "a3" in service "dns"; did you mean "a1"?"#),
    Refused("10.1.0.12", "10.1.0.11", #"19:9: servers "a1" and "a2" of service "web" have the same address 10.1.0.11"#),
    Refused("10.2.0.11", "203.0.113.53", #"8:18: server "b1" has the address of service "dns": 203.0.113.53"#),
    Refused("10.2.0.11", "192.0.2.10", #"8:18: server "b1" has the address that is the director's source: 192.0.2.10"#),
    Refused(
      "source: 192.0.2.10", "source: 203.0.113.53",
      #"4:11: the director's source is the address of service "dns": 203.0.113.53"#),
    Refused(
      "address: 203.0.113.53\n    port: 53\n    protocol: udp", "address: 203.0.113.80\n    port: 80",
      #"21:3: service "dns" has the same address, protocol and port as service "web" (line 10)"#),
  ]

  @Test(arguments: keys + values + addresses + relations)
  func `one mistake gives one message that says what to do`(refused: Refused) {
    #expect(problems(in: Example.with(refused.old, refused.new)) == ["c.yaml:\(refused.message)"])
  }

  @Test func `a server whose own entry is wrong is not called unknown as well`() {
    let found = problems(in: Example.with("10.2.0.11", "nowhere"))
    #expect(found.count == 1)
  }

  @Test func `members are not called unknown when no server can be read`() {
    let text = Example.with("  a1: {", "a1: {")
    #expect(problems(in: text).count == 1)
    #expect(
      problems(in: Example.with("servers:\n  a1", "pool:\n  a1")) == [
        #"c.yaml:1:1: the file has no "servers""#,
        #"c.yaml:5:1: unknown key "pool" in the file; did you mean "servers"?"#,
      ])
  }

  @Test func `contradictions are told along with a director that cannot be read`() {
    let text = Example.with("eth0", "e/0").replacing("10.2.0.11", with: "203.0.113.53")
    #expect(problems(in: text).count == 2)
  }

  @Test func `a section that is missing is named`() {
    #expect(
      problems(in: "director: { interface: eth0 }\n") == [
        #"c.yaml:1:1: the file has no "servers""#, #"c.yaml:1:1: the file has no "services""#,
      ])
  }

  @Test func `a weight whose share is less than a slot is refused`() {
    let servers = (0..<3).map { "  s\($0): { address: 10.0.0.\($0 + 1) }\n" }.joined()
    let members = "[{ name: s0, weight: 65535 }, { name: s1, weight: 2 }, { name: s2, weight: 1 }]"
    let text = """
      director: { interface: eth0 }
      servers:
      \(servers)services:
        web: { address: 203.0.113.80, port: 80, servers: \(members) }
      """
    #expect(
      problems(in: text) == [
        """
        c.yaml:7:107: weight 1 of server "s2" is less than one of 65537 slots: the weights of service "web" sum to 65538
        """
      ])
  }
}
