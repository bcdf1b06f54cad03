// SPDX-License-Identifier: MIT

/// A word that means nothing where it stands, and what to know or write instead. Many such words come from
/// another load balancer's configuration.
struct UnknownWord {
  /// Why there is no such thing here, in a form to be appended to a message.
  let explanation: String
  /// What to write instead.
  let suggestion: String?

  /// Case, `-` and `_` do not count. `known` is what could stand in the word's place, in a file for `subject`.
  init(_ word: String, known: [String], in subject: Reading.Subject = .director) {
    let plain = Self.plain(word)
    let synonyms = subject == .director ? Self.synonyms : Self.realServerSynonyms
    let synonym = synonyms[plain]?.first { known.contains($0) }
    let isSlip = subject != .director || known.contains { Self.plain($0) == plain }
    let reason = isSlip ? nil : Self.reason(plain, hasSynonym: synonym != nil)
    explanation = reason.map { ": \($0)" } ?? ""
    // A word that is known elsewhere is no slip of the pen, whatever it looks like.
    suggestion = synonym ?? (reason == nil ? Configuration.suggestion(for: word, among: known) : nil)
  }

  private static func reason(_ plain: String, hasSynonym: Bool) -> String? {
    explanations[plain]?.first ?? (hasSynonym ? nil : places[plain]?.first)
  }

  private static func plain(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" }
  }

  /// Why there are no services for ICMP.
  static let aboutICMP =
    #"ICMP errors follow the flows they are about, and "echo" under "virtual-addresses" says who answers pings"#

  /// Where words belong that stand at the wrong place.
  private static let places = table([
    #"it belongs to the server's place in a service: { name: NAME, weight: NUMBER }"#: "weight",
    #"it belongs to the real server, under "servers""#:
      "state site encapsulation ttl key udpchecksum fragmentation",
    #"it belongs to the service, under "services""#:
      "protocol tracking idletimeout draintimeout affinity affinityprefix fragments pools slowstart whenshort alldown",
    #"it belongs to "director""#: "interface engine source repliespersecond newflowspersecond probespersecond socket",
    #"it belongs to an item of "virtual-addresses""#: "unconfiguredports echo",
    #"a health check stands under "checks", and services name it"#:
      "check checks health healthcheck healthchecks probe probes monitor tcpcheck httpcheck httpget sslget misccheck",
    #"it belongs to a health check, under "checks""#:
      "interval timeout rise fall fullsize target headers status body servername verify record answer command",
    #"it belongs to a pool, in "pools" of a service"#: "threshold recovery lastresort siteweights",
  ])

  private static let explanations = table([
    "a real server answers on the service's own port: direct server return cannot translate ports":
      "port realport rport targetport backendport serverport destinationport",
    """
    addresses are never translated: packets travel unchanged in a tunnel (see "encapsulation") and the real server \
    answers the client directly
    """:
      "mode nat masq masquerade masquerading fullnat snat dnat method forward forwarding forwardingmethod lbkind proxy",
    "the scheduler is always weighted Maglev hashing": "scheduler sched lbalgo lbsched algorithm algo balance",
    #"a flow stays with its real server anyway; "affinity: source" ties all flows of a client together"#:
      "persistence persistent persistencetimeout sticky stickysession sessionaffinity",
    #"a server that stands in for all others is a pool of its own, the last one, with "last-resort: true""#:
      "backup backups sorry sorryserver fallback fallbackpool spare reserve",
    #"pools are asked in their order: the first is the nearest"#: "priority priorities preference locality failover",
    #"a pool is short where less than its "threshold" of its weight is up"#:
      "quorum minactive minservers minactivemembers minhealthy minimum panicthreshold",
    #"a pool that was short is whole again from its "recovery" on"#: "hysteresis",
    #"what is expected is "status" or "body" of http, "answer" of dns"#: "expect expected",
    #"write "state: up", "state: drain" or "state: down" on the real server"#:
      "enabled disabled enable disable active maintenance quiesce",
    "the MTU is computed from the route to each real server": "mtu mss advmss pmtu",
    "the next hop is followed in the kernel's routing table, never configured":
      "gateway mac macaddress nexthop via egress",
    "every service has 65,537 slots": "tablesize slots buckets ringsize hashsize",
    "YAML's merge keys are not supported: repeat the entries": "<<",
    "there is no such encapsulation": "vxlan geneve gretap ip6gretap erspan wireguard mpls",
    "ipip and gre carry IPv4 and IPv6 over either": "ip6ip6 ip6tnl sit ipip6 ip4ip6 4in6 6in4 6in6 4in4 ip6gre",
    "each protocol is a service of its own": "any all both tcp+udp tcpudp",
    aboutICMP: "icmp icmpv6 icmp6",
  ])

  /// Of several, the first is meant that could stand in the word's place.
  private static let synonyms = table([
    "pools": "pool groups tiers servergroups",
    "address": "vip virtualip virtualaddress ip host hostname ipaddress",
    "servers": "backends backend members member pool pools realservers realserver reals upstreams targets destinations",
    "checks":
      "check health healthcheck healthchecks probe probes monitor tcpcheck httpcheck httpget sslget misccheck",
    "type": "kind checktype protocol",
    "host": "hostname hostheader vhost virtualhost authority",
    "target": "uri url requesturi requestpath urlpath",
    "status": "expect expected statuscode statuscodes statuses httpstatus expectstatus expectedstatus expectedcodes",
    "body": "match contains content response expectbody",
    "server-name": "sni tlsservername",
    "verify": "verifycertificate verifycert verifypeer sslverify tlsverify",
    "record": "rrtype recordtype qtype querytype",
    "command": "script exec program external",
    "interval": "every period delayloop inter checkinterval frequency",
    "timeout": "connecttimeout checktimeout",
    "rise": "healthythreshold successthreshold successes",
    "fall": "unhealthythreshold failurethreshold failures retry retries maxfails",
    "full-size": "packetsize probesize",
    "last-resort": "backup sorry sorryserver fallback fallbackpool spare reserve",
    "threshold": "quorum minactive minservers minactivemembers minhealthy minimum panicthreshold",
    "recovery": "hysteresis",
    "site-weights": "zoneweights localityweights weights",
    "slow-start": "rampup warmup slowstartperiod",
    "fail-open": "open failopen ignore",
    "overflow": "spill spillover",
    "takeover": "failover switch",
    "icmp": "ping echo icmpv6",
    "tls": "ssl sslhello",
    "auto": "automatic on yes true mtu",
    "off": "no false none never",
    "mode": "permissions umask",
    "group": "gid owner",
    "services": "virtualservers virtualserver virtualservices vips frontends listeners",
    "virtual-addresses": "policies policy virtualips",
    "protocol": "proto transport l4proto",
    "port": "ports portrange",
    "encapsulation": "encap tunnel tunneltype",
    "interface": "dev nic iface ifname link",
    "source": "sources sourceaddress localaddress local outersource client clientip sourceip srcip",
    "director": "global globals globaldefs balancer",
    "site": "zone region datacenter dc rack",
    "ttl": "hoplimit timetolive",
    "ipip": "ip6ip6 ip6tnl sit ipip6 ip4ip6 4in6 6in4 6in6 4in4",
    "gre": "ip6gre",
    "l2": "dr direct directrouting droute l2dsr",
    "esp": "ipsec",
    "udp": "quic",
    "ah": "authentication",
    "reset": "reject rst refuse",
    "drop": "deny discard blackhole",
    "while-serving": "serving whileup ifserving",
    "true": "yes on",
    "false": "no off",
  ])

  /// What the keys of a real server's file are called elsewhere.
  private static let realServerSynonyms = table([
    "virtual-addresses":
      "vip vips virtualip virtualips virtualaddress address addresses loopback",
    "directors":
      "director balancer balancers loadbalancer loadbalancers lb lbs remote remotes peer peers source sources allow",
    "encapsulation": "encap tunnel tunneltype kind mode",
    "interface": "dev device nic iface ifname link",
    "decapsulate": "decap decapsulation decapsulator engine",
    "local": "localaddress localaddresses endpoint endpoints realip rip",
    "services": "service ports listen listening",
    "mtu": "pathmtu pmtu mss advmss",
    "bpffs": "bpf pins",
  ])

  /// For each word of a list, the keys of its lists.
  private static func table(_ lists: KeyValuePairs<String, String>) -> [String: [String]] {
    lists.reduce(into: [:]) { table, list in
      for word in list.value.split(separator: " ") { table[String(word), default: []].append(list.key) }
    }
  }
}
