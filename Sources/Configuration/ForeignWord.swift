// SPDX-License-Identifier: MIT

/// A word of another load balancer's configuration, and what to know or write here instead.
struct ForeignWord {
  /// Why there is no such thing here.
  let explanation: String?
  /// What it is called here.
  let suggestion: String?

  /// Case, `-` and `_` do not count. `known` is what could stand in the word's place.
  init(_ word: String, known: [String]) {
    let plain = word.lowercased().filter { $0 != "-" && $0 != "_" }
    explanation = known.contains(plain) ? nil : Self.explanations[plain]
    suggestion = Self.synonyms[plain].flatMap { known.contains($0) ? $0 : nil }
  }

  private static let explanations = table([
    "a real server answers on the service's own port: direct server return cannot translate ports":
      "port ports realport rport targetport backendport serverport destinationport",
    """
    addresses are never translated: packets travel unchanged in a tunnel (see "encapsulation") and the real server \
    answers the client directly
    """:
      "mode nat masq masquerade masquerading fullnat snat dnat method forward forwarding forwardingmethod lbkind proxy",
    "the scheduler is always weighted Maglev hashing": "scheduler sched lbalgo lbsched algorithm algo balance hash",
    "a flow stays with its real server anyway; different flows of a client are not tied together":
      "persistence persistent persistencetimeout sticky stickysession affinity sessionaffinity",
    """
    there are no health checks in this file; "state" of the real server says whether it is up, draining or down
    """:
      "check checks health healthcheck healthchecks healthz probe probes monitor tcpcheck httpget misccheck",
    #"write "state: up", "state: drain" or "state: down" on the real server"#:
      "enabled disabled enable disable active backup maintenance weightdown quiesce",
    "the MTU is computed from the route to each real server": "mtu mss advmss pmtu",
    "the next hop is followed in the kernel's routing table, never configured":
      "gateway mac macaddress nexthop via device egress",
    "every service has 65,537 slots": "tablesize slots buckets ringsize hashsize",
    "YAML's merge keys are not supported; repeat the entries, or use an alias for a whole value": "<<",
    "this encapsulation is not supported yet": "fou gue vxlan geneve ip6ip6 ip6tnl sit gretap ip6gre",
    "UDP and TCP services are supported, each as a service of its own": "any all sctp both tcp+udp tcpudp",
  ])

  private static let synonyms = table([
    "address": "vip virtualip virtualaddress ip host hostname ipaddress",
    "servers": "backends backend members member pool pools realservers realserver reals upstreams targets destinations",
    "services": "virtualservers virtualserver virtualservices vips frontends listeners",
    "protocol": "proto transport l4proto",
    "encapsulation": "encap tunnel tunneltype",
    "interface": "dev nic iface ifname link",
    "source": "sourceaddress localaddress local outersource",
    "director": "global globals globaldefs balancer",
    "site": "zone region datacenter dc rack",
  ])

  /// One entry for each word of a list.
  private static func table(_ lists: [String: String]) -> [String: String] {
    lists.reduce(into: [:]) { table, list in
      for word in list.value.split(separator: " ") { table[String(word)] = list.key }
    }
  }
}
