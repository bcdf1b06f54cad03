// SPDX-License-Identifier: MIT
import Configuration
import Testing

@Suite struct `What is refused of prefixes, tunnels and protocols` {
  private static let director = [
    Refused(
      "replies-per-second: 50", "replies-per-second: 1000001",
      #"4:23: "replies-per-second" of "director" must be a number from 0 to 1000000, not "1000001""#),
    Refused(
      "new-flows-per-second: 2000", "new-flows-per-second: -1",
      #"5:25: "new-flows-per-second" of "director" must be a number from 0 to 10000000, not "-1""#),
    Refused(
      "\"2001:db8::10\", 192.0.2.0/28", "192.0.2.10, 192.0.2.11",
      #"3:24: source 2 of "director" is a second one of IPv4; a prefix stands for several addresses"#),
    Refused(
      "[\"2001:db8::10\", 192.0.2.0/28]", "2001:db8::/64",
      #"3:11: "source" of "director" must have a prefix length of 96 or more, not "2001:db8::/64""#),
    Refused(
      "[\"2001:db8::10\", 192.0.2.0/28]", "192.0.2.10/24",
      #"3:11: "source" of "director" must be one address, or a prefix whose bits after the first 24 are zero, not "192.0.2.10/24"; did you mean "192.0.2.0/24"?"#
    ),
    Refused(
      "2001:db8::10\"", "2001:db8:2::10/127\"",
      #"10:18: server "b1" is among the addresses that are the director's source: 2001:db8:2::10/127"#),
  ]

  private static let servers = [
    Refused(
      "encapsulation: gre, key: 42", "key: 42",
      #"8:29: "key" of server "a2" is for gre, not ipip: write "encapsulation: gre" or leave it out"#),
    Refused(
      "key: 42", "key: 4294967296",
      #"8:54: "key" of server "a2" must be a number from 0 to 4294967295, not "4294967296""#),
    Refused(
      "key: 42", "port: 6080",
      #"8:49: "port" of server "a2" is the UDP port of a tunnel, for gue and fou, not gre: a real server answers on the service's own port, for direct server return cannot translate ports"#
    ),
    Refused(
      "key: 42", "udp-checksum: true",
      #"8:49: "udp-checksum" of server "a2" is for gue and fou, not gre: write "encapsulation: gue" or leave it out"#),
    Refused(
      "udp-checksum: true", "udp-checksum: yes",
      #"10:82: "udp-checksum" of server "b1" must be true or false, not "yes"; did you mean "true"?"#),
    Refused(
      "port: 6081", "port: 0",
      #"10:62: "port" of server "b1" must be a number from 1 to 65535, not "0""#),
    Refused("ttl: 255", "ttl: 256", #"11:61: "ttl" of server "b2" must be a number from 1 to 255, not "256""#),
    Refused("ttl: 255", "ttl: 0", #"11:61: "ttl" of server "b2" must be a number from 1 to 255, not "0""#),
    Refused("ttl: 255", "hop-limit: 9", #"11:56: unknown key "hop-limit" in server "b2"; did you mean "ttl"?"#),
    Refused(
      "ttl: 255", "fragmentation: allow",
      #"11:56: "fragmentation" of server "b2" is for tunnels over IPv4: IPv6 routers divide no packets"#),
    Refused(
      "13, encapsulation: l2", "13, encapsulation: l2, fragmentation: allow",
      #"9:48: "fragmentation" of server "a3" is for tunnels over IPv4: l2 has no outer header"#),
    Refused(
      "13, encapsulation: l2", "13, encapsulation: l2, ttl: 9",
      #"9:48: "ttl" of server "a3" is for tunnels: l2 has no outer header"#),
    Refused(
      "fragmentation: allow", "fragmentation: allowed",
      #"8:82: "fragmentation" of server "a2" must be forbid or allow, not "allowed"; did you mean "allow"?"#),
    Refused(
      "fou", "ip6tnl",
      #"11:51: "encapsulation" of server "b2" must be ipip, gre, gue, fou or l2, not "ip6tnl": ipip and gre carry IPv4 and IPv6 over either; did you mean "ipip"?"#
    ),
    Refused(
      "fou", "dr",
      #"11:51: "encapsulation" of server "b2" must be ipip, gre, gue, fou or l2, not "dr"; did you mean "l2"?"#),
    Refused(
      "[a1, a2, a3, b1]", "[a1, b3]",
      #"21:19: L2 across families: server "b3" has an IPv6 address and no tunnel, and service "web" is IPv4; use an IPv4 address or a tunnel such as ipip"#
    ),
    Refused(
      "[a1, b1, b2, b3]", "[a3, b3]",
      #"29:15: L2 across families: server "a3" has an IPv4 address and no tunnel, and service "calls" is IPv6; use an IPv6 address or a tunnel such as ipip"#
    ),
  ]

  private static let policies = [
    Refused(
      "reset", "rest",
      #"14:50: "unconfigured-ports" of virtual address 1 of the file must be pass, drop or reset, not "rest"; did you mean "reset"?"#
    ),
    Refused(
      "while-serving", "serving",
      #"14:63: "echo" of virtual address 1 of the file must be never, while-serving or always, not "serving"; did you mean "while-serving"?"#
    ),
    Refused(
      "while-serving", "whileServing",
      #"14:63: "echo" of virtual address 1 of the file must be never, while-serving or always, not "whileServing"; did you mean "while-serving"?"#
    ),
    Refused(
      "{ address: 203.0.113.80,", "{ address: 203.0.113.81,",
      #"14:16: virtual address 1 of the file has the address of no service: 203.0.113.81; did you mean "203.0.113.80"?"#
    ),
    Refused(
      "{ address: 203.0.113.80,", "{ address: 203.0.113.70,",
      #"14:16: virtual address 1 of the file has the address of no service: 203.0.113.70; did you mean "203.0.113.64/28"?"#
    ),
    Refused(
      "{ address: 203.0.113.80,", "{ address: 2001:db8:80::/64,",
      #"15:16: virtual address 2 of the file has an address that is given twice, first at 14:16: 2001:db8:80::/64"#),
    Refused(
      "    fragments: hash", "    echo: never",
      #"20:5: unknown key "echo" in service "web": it belongs to an item of "virtual-addresses""#),
    Refused(
      "virtual-addresses", "policies",
      #"13:1: unknown key "policies" in the file; did you mean "virtual-addresses"?"#),
  ]

  private static let ports = [
    Refused(
      "8000-8099", "8099-8000",
      #"19:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "8099-8000"; did you mean "8000-8099"?"#
    ),
    Refused(
      "8000-8099", "8000:8099",
      #"19:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "8000:8099"; did you mean "8000-8099"?"#
    ),
    Refused(
      "8000-8099", "8000-",
      #"19:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "8000-""#
    ),
    Refused(
      "8000-8099", "80,443",
      #"19:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "80,443""#
    ),
    Refused(
      "8000-8099", "any",
      #"19:11: "port" of service "web" must be a number from 1 to 65535, a range such as 8000-8099, or all, not "any"; did you mean "all"?"#
    ),
    Refused("    port: all\n", "", #"22:3: service "calls" has no "port""#),
    Refused(
      "protocol: esp", "protocol: esp\n    port: 500",
      #"33:5: "port" of service "vpn" must be left out: protocol esp has no ports"#),
    Refused(
      "protocol: esp", "protocol: 1",
      #"32:15: "protocol" of service "vpn" must not be 1: ICMP errors follow the flows they are about, and "echo" under "virtual-addresses" says who answers pings"#
    ),
    Refused(
      "protocol: esp", "protocol: icmpv6",
      #"32:15: "protocol" of service "vpn" must be tcp, udp, sctp, udplite, esp, ah or a number from 0 to 255, not "icmpv6": ICMP errors follow the flows they are about, and "echo" under "virtual-addresses" says who answers pings"#
    ),
    Refused(
      "protocol: esp", "protocol: 58",
      #"32:15: "protocol" of service "vpn" must not be 58: ICMP errors follow the flows they are about, and "echo" under "virtual-addresses" says who answers pings"#
    ),
    Refused(
      "protocol: esp", "protocol: 44",
      #"32:15: "protocol" of service "vpn" must not be 44: it is an extension header of IPv6; services are found by the protocol behind it"#
    ),
    Refused(
      "protocol: esp", "protocol: 59",
      #"32:15: "protocol" of service "vpn" must not be 59: it says that nothing follows the IPv6 header"#),
    Refused(
      "protocol: esp", "protocol: 256",
      #"32:15: "protocol" of service "vpn" must be a number from 0 to 255, not "256""#),
    Refused(
      "protocol: esp", "protocol: udp-lite",
      #"32:15: "protocol" of service "vpn" must be tcp, udp, sctp, udplite, esp, ah or a number from 0 to 255, not "udp-lite"; did you mean "udplite"?"#
    ),
    Refused(
      "port: all\n    protocol: udp", "protocol: ah",
      #"24:15: "protocol" of service "calls" must not be ah for an IPv6 address: it is an extension header there; name the protocol behind it"#
    ),
  ]

  private static let services = [
    Refused(
      "tracking: always", "tracking: transitions",
      #"26:15: "tracking" of service "calls" must be always or none for udp: new flows are told from old ones by their SYN, which is TCP's; did you mean "always"?"#
    ),
    Refused(
      "affinity: source-destination", "affinity: source-dest",
      #"33:15: "affinity" of service "vpn" must be flow, source or source-destination, not "source-dest"; did you mean "source-destination"?"#
    ),
    Refused(
      "affinity-prefix: 24", "affinity-prefix: 33",
      #"40:22: "affinity-prefix" of service "echo" must be a number from 1 to 32, not "33""#),
    Refused(
      "affinity-prefix: 56", "affinity-prefix: 129",
      #"28:22: "affinity-prefix" of service "calls" must be a number from 1 to 128, not "129""#),
    Refused(
      "affinity: source-destination", "affinity-prefix: 24",
      #"33:5: "affinity-prefix" of service "vpn" is for "affinity: source", where it says how much of the client's address counts"#
    ),
    Refused(
      "fragments: hash", "fragments: hashed",
      #"20:16: "fragments" of service "web" must be track or hash, not "hashed"; did you mean "hash"?"#),
    Refused(
      "fragments: hash", "idle-timeout: 19h",
      #"20:19: "idle-timeout" of service "web" must be a time from 1s to 18h, such as 90s, 15m or 1h30m, not "19h""#),
  ]

  @Test(arguments: director + servers + policies + ports + services)
  func `one mistake gives one message that says what to do`(refused: Refused) {
    #expect(
      problems(in: Example.with(refused.old, refused.new, in: Example.full)) == ["c.yaml:\(refused.message)"])
  }

  @Test(arguments: ["ipipp", "[a]"])
  func `where the encapsulation cannot be read, no key of any is refused as well`(text: String) {
    let keys = "encapsulation: \(text), key: 1, port: 2, udp-checksum: true, ttl: 3, fragmentation: allow"
    #expect(problems(in: Example.with("encapsulation: ipip", keys)).count == 1)
  }

  @Test func `a policy is not called without service where a service cannot be read`() {
    #expect(problems(in: Example.with("address: 203.0.113.80\n", "address: nowhere\n", in: Example.full)).count == 1)
  }
}

/// An address and what is said about it.
struct BadAddress: CustomTestStringConvertible, Sendable {
  let text: String
  let said: String

  init(_ text: String, _ said: String) {
    self.text = text
    self.said = said
  }

  var testDescription: String { text }
}

@Suite struct `Addresses that are refused` {
  @Test(arguments: [
    BadAddress("::", "must be the address of one machine; :: is the unspecified address (RFC 4291)"),
    BadAddress("::1", "must be the address of one machine; ::1 is loopback (RFC 4291)"),
    BadAddress("fe80::1", "must be the address of one machine; fe80::1 is link-local (RFC 4291)"),
    BadAddress("febf::1", "must be the address of one machine; febf::1 is link-local (RFC 4291)"),
    BadAddress("ff02::1", "must be the address of one machine; ff02::1 is multicast (RFC 4291)"),
    BadAddress(
      "::ffff:10.2.0.11",
      #"must be the address of one machine; ::ffff:10.2.0.11 is an IPv4-mapped address (RFC 4291); did you mean "10.2.0.11"?"#
    ),
    BadAddress("fe80::1%eth0", #"must be an address without zone, not "fe80::1%eth0""#),
    BadAddress(
      "[2001:db8::1]:80", #"must be an address without port, not "[2001:db8::1]:80"; did you mean "2001:db8::1"?"#),
    BadAddress(
      "[2001:db8::1]", #"must be an address without brackets, not "[2001:db8::1]"; did you mean "2001:db8::1"?"#),
    BadAddress(
      "2001:db8:::1",
      #"must be an address such as 192.0.2.1 or 2001:db8::1, not "2001:db8:::1"; names are not looked up"#),
    BadAddress(
      "2001:db8::g", #"must be an address such as 192.0.2.1 or 2001:db8::1, not "2001:db8::g"; names are not looked up"#
    ),
  ])
  func `of servers and services alike`(bad: BadAddress) {
    #expect(
      problems(in: Example.with("10.2.0.11", "\"\(bad.text)\"")) == [
        #"c.yaml:8:18: "address" of server "b1" \#(bad.said)"#
      ])
    #expect(
      problems(in: Example.with("203.0.113.53", "\"\(bad.text)\"")) == [
        #"c.yaml:22:14: "address" of service "dns" \#(bad.said)"#
      ])
  }

  @Test(arguments: [
    BadAddress("20.0.0.0/7", #"must have a prefix length from 8 to 32 for IPv4, not "20.0.0.0/7""#),
    BadAddress("20.0.0.0/33", #"must have a prefix length from 8 to 32 for IPv4, not "20.0.0.0/33""#),
    BadAddress("20.0.0.0/08", #"must have a prefix length from 8 to 32 for IPv4, not "20.0.0.0/08""#),
    BadAddress("20.0.0.0/", #"must have a prefix length from 8 to 32 for IPv4, not "20.0.0.0/""#),
    BadAddress("2001:db8::/15", #"must have a prefix length from 16 to 128 for IPv6, not "2001:db8::/15""#),
    BadAddress("2001:db8::/129", #"must have a prefix length from 16 to 128 for IPv6, not "2001:db8::/129""#),
    BadAddress(
      "203.0.113.85/28",
      #"must be one address, or a prefix whose bits after the first 28 are zero, not "203.0.113.85/28"; did you mean "203.0.113.80/28"?"#
    ),
    BadAddress(
      "2001:db8::1/64",
      #"must be one address, or a prefix whose bits after the first 64 are zero, not "2001:db8::1/64"; did you mean "2001:db8::/64"?"#
    ),
    BadAddress("127.0.0.0/8", "must hold addresses of machines alone; in 127.0.0.0/8 is loopback (RFC 1122)"),
    BadAddress(
      "255.255.255.0/24",
      "must hold addresses of machines alone; in 255.255.255.0/24 is the broadcast address (RFC 919)"),
    BadAddress("::/16", "must hold addresses of machines alone; in ::/16 is the unspecified address (RFC 4291)"),
    BadAddress("ff00::/16", "must hold addresses of machines alone; in ff00::/16 is multicast (RFC 4291)"),
  ])
  func `of services as prefixes`(bad: BadAddress) {
    #expect(
      problems(in: Example.with("203.0.113.53", "\"\(bad.text)\"")) == [
        #"c.yaml:22:14: "address" of service "dns" \#(bad.said)"#
      ])
  }

  @Test(arguments: ["2001:db8::11", "2001:DB8:0::0011", "64:ff9b::10.2.0.11", "::2", "fec0::1", "fd00::1"])
  func `not of machines in IPv6`(text: String) {
    #expect(problems(in: Example.with("10.2.0.11", "\"\(text)\"")).isEmpty)
  }
}
