// SPDX-License-Identifier: MIT
import FoundationEssentials
import Wire

extension Firewall {
  /// What `nft --json --numeric list ruleset` has written, libnftables-json(5).
  ///
  /// - Throws: where it is none of that.
  init(nft text: String) throws {
    let list = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))["nftables"]?.array ?? []
    let sets = NFTSets(list)
    for chain in list.compactMap({ $0["chain"] }) { chains.append(FirewallChain(nft: chain)) }
    for rule in list.compactMap({ $0["rule"] }) {
      guard let place = chains.firstIndex(where: { $0.isNamed(in: rule) }) else { continue }
      chains[place].rules += FirewallRule.all(nft: rule["expr"]?.array ?? [], sets.of(rule))
    }
  }
}

extension FirewallChain {
  fileprivate init(nft chain: JSONValue) {
    func text(_ key: String) -> String { chain[key]?.text ?? "" }
    self.init(tool: .nft, family: text("family"), table: text("table"), name: text("name"))
    guard let hook = Hook(rawValue: text("hook")) else { return }
    base = Base(
      hook: hook, priority: chain["prio"]?.number ?? 0, drops: text("policy") == "drop", device: chain["dev"]?.text)
  }

  fileprivate func isNamed(in rule: JSONValue) -> Bool {
    tool == .nft && rule["family"]?.text == family && rule["table"]?.text == table && rule["chain"]?.text == name
  }
}

/// Named sets, by family, table and name.
private struct NFTSets {
  private var elements: [[String]: [JSONValue]] = [:]

  init(_ list: [JSONValue]) {
    for set in list.compactMap({ $0["set"] }) { elements[Self.key(set, set["name"])] = set["elem"]?.array ?? [] }
  }

  private static func key(_ place: JSONValue, _ name: JSONValue?) -> [String] {
    [place["family"]?.text ?? "", place["table"]?.text ?? "", name?.text ?? ""]
  }

  /// The sets that a rule may name.
  func of(_ rule: JSONValue) -> (String) -> [JSONValue]? {
    { name in elements[Self.key(rule, .text(name))] }
  }
}

extension FirewallRule {
  /// One statement after the other; a map of verdicts makes several rules of one.
  fileprivate static func all(nft expressions: [JSONValue], _ set: (String) -> [JSONValue]?) -> [FirewallRule] {
    var conditions: [FirewallCondition] = []
    var rules: [FirewallRule] = []
    let words = expressions.compactMap(nftWords).joined(separator: " ")
    for expression in expressions {
      if let match = expression["match"] {
        conditions.append(FirewallCondition(nft: match, set))
      } else if let map = expression["vmap"] {
        rules += mapped(map, conditions, words, set)
      } else {
        rules.append(FirewallRule(conditions: conditions, action: action(nft: expression), text: words))
      }
    }
    return rules.filter { $0.action != .proceed }
  }

  private static func mapped(
    _ map: JSONValue, _ conditions: [FirewallCondition], _ words: String, _ set: (String) -> [JSONValue]?
  ) -> [FirewallRule] {
    let entries = map["data"]?["set"]?.array ?? map["data"]?.text.flatMap { set(String($0.dropFirst())) }
    guard let key = map["key"], let entries else {
      return [FirewallRule(conditions: conditions, action: .unknown, text: words)]
    }
    return entries.compactMap { entry in
      guard let pair = entry.array, pair.count == 2 else { return nil }
      let match = JSONValue.object(["left": key, "op": .text("=="), "right": pair[0]])
      return FirewallRule(
        conditions: conditions + [FirewallCondition(nft: match, set)], action: action(nft: pair[1]), text: words)
    }
  }

  private static func action(nft expression: JSONValue) -> Action {
    guard let (word, value) = expression.onlyMember else { return .unknown }
    return switch word {
    case "accept": .accept
    case "drop", "reject": .drop
    case "return": .return
    case "jump": .jump(value["target"]?.text ?? "")
    case "goto": .goto(value["target"]?.text ?? "")
    case "dnat": redirect(value)
    case "counter", "log", "limit", "quota", "mangle", "notrack", "ct helper", "ct timeout", "masquerade", "snat",
      "set", "comment", "flow", "last":
      .proceed
    default: .unknown
    }
  }

  private static func redirect(_ value: JSONValue) -> Action {
    guard value["port"] == nil, let text = value["addr"]?.text, let address = IPAddress(text) else { return .proceed }
    return .redirect(address)
  }

  /// An expression as nft(8) would write it, more or less.
  private static func nftWords(_ expression: JSONValue) -> String? {
    guard let (word, value) = expression.onlyMember else { return nil }
    switch word {
    case "match":
      let negation = value["op"]?.text == "!=" ? "!= " : ""
      return "\(value["left"]?.words ?? "") \(negation)\(value["right"]?.words ?? "")"
    case "jump", "goto": return "\(word) \(value["target"]?.text ?? "")"
    case "vmap": return "\(value["key"]?.words ?? "") vmap …"
    case "counter", "log", "comment": return nil
    default: return word
    }
  }
}

extension FirewallCondition {
  fileprivate init(nft match: JSONValue, _ set: (String) -> [JSONValue]?) {
    self.init(field: .unknown)
    guard let left = match["left"], let right = match["right"], let values = Self.values(right, set),
      match["op"]?.text != "<", match["op"]?.text != ">"
    else { return }
    if let meta = left["meta"]?["key"]?.text {
      field = Self.metaFields[meta] ?? .unknown
    } else if left["ct"]?["key"]?.text == "state" {
      field = .connectionState
    } else if let payload = left["payload"] {
      read(payload)
    }
    self.values = field == .version ? values.map(Self.version) : values
    isNegated = match["op"]?.text == "!="
  }

  private static let metaFields: [String: Field] = [
    "l4proto": .transport, "iifname": .input, "iif": .input, "oifname": .output, "oif": .output, "nfproto": .version,
  ]

  private mutating func read(_ payload: JSONValue) {
    switch (payload["protocol"]?.text, payload["field"]?.text) {
    case ("ip", let name):
      version = .v4
      field = ["protocol": .transport, "saddr": .source, "daddr": .destination][name] ?? .unknown
    case ("ip6", let name):
      version = .v6
      field = ["nexthdr": .transport, "saddr": .source, "daddr": .destination][name] ?? .unknown
    case (let transport, let name):
      carries = ["tcp": 6, "udp": 17][transport]
      field = ["sport": .sourcePort, "dport": .destinationPort][name] ?? .unknown
      if transport != "th", carries == nil { field = .unknown }
    }
  }

  private static func version(_ value: Value) -> Value {
    switch value {
    case .name("ipv4"), .numbers(2...2): .numbers(4...4)
    case .name("ipv6"), .numbers(10...10): .numbers(6...6)
    default: value
    }
  }

  /// nil for what Culvert does not know.
  private static func values(_ right: JSONValue, _ set: (String) -> [JSONValue]?) -> [Value]? {
    let list = right["set"]?.array ?? right.array ?? [right]
    if list.count == 1, let name = list[0].text, name.first == "@" {
      return set(String(name.dropFirst())).flatMap { Self.values(.array($0), { _ in nil }) }
    }
    let values = list.map(value)
    return values.contains(nil) ? nil : values.compactMap(\.self)
  }

  private static func value(_ right: JSONValue) -> Value? {
    if let element = right["elem"]?["val"] { return value(element) }
    if let number = right.number { return .numbers(number...number) }
    if let text = right.text {
      return IPAddress(text).map { .prefix(IPPrefix(host: $0)) } ?? .name(text)
    }
    if let ends = right["range"]?.array, let low = ends.first?.number, let high = ends.last?.number, low <= high {
      return .numbers(low...high)
    }
    guard let prefix = right["prefix"], let address = prefix["addr"]?.text.flatMap({ IPAddress($0) }),
      let length = prefix["len"]?.number
    else { return nil }
    return IPPrefix(address: address, length: length).map { .prefix($0) }
  }
}
