// SPDX-License-Identifier: MIT
import Wire

extension Firewall {
  /// What `iptables-legacy-save` or `ip6tables-legacy-save` has written; `program` changes it.
  init(legacy text: String, _ version: IPVersion, program: String) {
    var table = ""
    for line in text.split(separator: "\n") {
      switch line.first {
      case "*": table = String(line.dropFirst())
      case ":": chains.append(FirewallChain(declaration: line.dropFirst(), table, version, program))
      case "-": append(LegacyRule(line, version), to: table)
      default: break
      }
    }
  }

  private mutating func append(_ rule: LegacyRule, to table: String) {
    guard let place = chains.firstIndex(where: { $0.table == table && $0.name == rule.chain }) else { return }
    chains[place].rules.append(rule.rule)
  }
}

extension FirewallChain {
  /// A line such as `INPUT ACCEPT [0:0]`.
  fileprivate init(declaration: Substring, _ table: String, _ version: IPVersion, _ program: String) {
    let words = declaration.split(separator: " ")
    let name = String(words.first ?? "")
    self.init(tool: .legacy(program), family: version.word, table: table, name: name)
    guard words.count > 1, words[1] != "-", let hook = Hook(rawValue: name.lowercased()) else { return }
    base = Base(hook: hook, priority: Self.priorities[table] ?? 0, drops: words[1] == "DROP")
  }

  /// In the kernel's order.
  private static let priorities = ["raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50]
}

/// A line such as `-A INPUT -s 10.0.0.1/32 -p ipencap -j DROP`.
private struct LegacyRule {
  var chain = ""
  var rule: FirewallRule
  private let version: IPVersion

  init(_ line: Substring, _ version: IPVersion) {
    self.version = version
    rule = FirewallRule(action: .proceed, text: String(line))
    var words = Self.words(line)[...]
    var isNegated = false
    while let word = words.popFirst() {
      if word == "!" {
        isNegated = true
      } else {
        read(word, isNegated, &words)
        isNegated = false
      }
    }
  }

  /// A text in quotation marks is one word.
  private static func words(_ line: Substring) -> [String] {
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  private mutating func read(_ word: String, _ isNegated: Bool, _ words: inout ArraySlice<String>) {
    func value() -> String { words.popFirst() ?? "" }
    switch word {
    case "-A": chain = value()
    case "-j", "-g": rule.action = Self.action(value(), isGoto: word == "-g")
    case "-m": require(module: value())
    case "--comment", "--reject-with", "--log-prefix", "--log-level", "--set-mark", "--to-source": _ = value()
    default: rule.conditions.append(condition(word, isNegated, &words))
    }
  }

  private static func action(_ target: String, isGoto: Bool) -> FirewallRule.Action {
    switch target {
    case "ACCEPT": .accept
    case "DROP", "REJECT": .drop
    case "RETURN": .return
    case "LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "CT", "NOTRACK", "MASQUERADE", "SNAT", "DNAT", "TOS", "DSCP":
      .proceed
    case _ where target.allSatisfy { $0.isUppercase } && target.count > 3: .unknown
    default: isGoto ? .goto(target) : .jump(target)
    }
  }

  /// Modules whose options are known by themselves; of any other nobody knows what it matches.
  private mutating func require(module: String) {
    let known = ["tcp", "udp", "comment", "conntrack", "state", "multiport"]
    if !known.contains(module) { rule.conditions.append(FirewallCondition(field: .unknown)) }
  }

  private func condition(
    _ word: String, _ isNegated: Bool, _ words: inout ArraySlice<String>
  ) -> FirewallCondition {
    guard let field = Self.fields[word], let text = words.popFirst() else { return FirewallCondition(field: .unknown) }
    let values = text.split(separator: ",").map { value(String($0), field) }
    guard !values.contains(nil) else { return FirewallCondition(field: .unknown) }
    return FirewallCondition(field: field, isNegated: isNegated, values: values.compactMap(\.self))
  }

  private static let fields: [String: FirewallCondition.Field] = [
    "-p": .transport, "-s": .source, "-d": .destination, "-i": .input, "-o": .output, "--dport": .destinationPort,
    "--sport": .sourcePort, "--dports": .destinationPort, "--sports": .sourcePort, "--ctstate": .connectionState,
    "--state": .connectionState,
  ]

  /// The names that iptables prints instead of numbers.
  private static let protocols = [
    "tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "ipencap": 4, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51,
    "sctp": 132, "all": 0,
  ]

  private func value(_ text: String, _ field: FirewallCondition.Field) -> FirewallCondition.Value? {
    switch field {
    case .transport: (Self.protocols[text] ?? Int(text)).map { .numbers($0...$0) }
    case .source, .destination: IPPrefix(text).map { .prefix($0) }
    case .sourcePort, .destinationPort: Self.ports(text)
    case .input, .output: .name(text.last == "+" ? text.dropLast() + "*" : text)
    default: .name(text.lowercased())
    }
  }

  private static func ports(_ text: String) -> FirewallCondition.Value? {
    let ends = text.split(separator: ":").compactMap { Int($0) }
    guard let low = ends.first, let high = ends.last, low <= high else { return nil }
    return .numbers(low...high)
  }
}
