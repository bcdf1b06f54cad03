// SPDX-License-Identifier: MIT
import CLinux
public import Wire

/// A rule that says which packets look up which table.
public struct RoutingRule: Hashable, Sendable {
  public var version: IPVersion
  /// Packets from here; `nil` for any.
  public var source: IPPrefix?
  /// Packets to here; `nil` for any.
  public var destination: IPPrefix?
  /// Packets that came in through the link of this name.
  public var inputInterface: String?
  /// Packets of sockets bound to the link of this name.
  public var outputInterface: String?
  /// Packets with this firewall mark.
  public var mark: UInt32?
  /// What to look up; ``RoutingRule/action`` decides whether it is used.
  public var table: RouteTable
  /// Rules are tried in rising order; the kernel picks one where none is given.
  public var priority: UInt32?
  /// Who made it.
  public var `protocol`: RouteProtocol
  public var action: RuleAction

  /// A rule that Culvert owns, unless `protocol` says otherwise.
  public init(
    version: IPVersion, source: IPPrefix? = nil, destination: IPPrefix? = nil, inputInterface: String? = nil,
    outputInterface: String? = nil, mark: UInt32? = nil, table: RouteTable, priority: UInt32? = nil,
    protocol: RouteProtocol = .culvert, action: RuleAction = .lookUp
  ) {
    self.version = version
    self.source = source
    self.destination = destination
    self.inputInterface = inputInterface
    self.outputInterface = outputInterface
    self.mark = mark
    self.table = table
    self.priority = priority
    self.protocol = `protocol`
    self.action = action
  }
}

/// What a rule does with the packets it matches.
public struct RuleAction: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Look up the rule's table. The corresponding C constant is `FR_ACT_TO_TBL`.
  public static let lookUp = Self(rawValue: UInt8(FR_ACT_TO_TBL))
  /// Lose them in silence. The corresponding C constant is `FR_ACT_BLACKHOLE`.
  public static let blackhole = Self(rawValue: UInt8(FR_ACT_BLACKHOLE))
  /// Tell the sender. The corresponding C constant is `FR_ACT_UNREACHABLE`.
  public static let unreachable = Self(rawValue: UInt8(FR_ACT_UNREACHABLE))
  /// Tell the sender that it is forbidden. The corresponding C constant is `FR_ACT_PROHIBIT`.
  public static let prohibit = Self(rawValue: UInt8(FR_ACT_PROHIBIT))
}

extension RoutingRule: CustomStringConvertible {
  /// In the words of `ip rule`, such as `from 203.0.113.80/32 lookup 197`.
  public var description: String {
    let from = source.map { "from \($0)" } ?? "from all"
    let to = destination.map { " to \($0)" } ?? ""
    return "\(from)\(to) lookup \(table)"
  }
}

extension RoutingRule {
  /// Reads a rule message; `nil` if it is of another family than IP.
  init?(_ message: Message) throws(MalformedMessage) {
    let header = try message.header(fib_rule_hdr.self)
    guard let version = IPVersion(family: header.family) else { return nil }
    // The kernel leaves out a protocol or priority of 0.
    self.init(
      version: version, table: RouteTable(rawValue: UInt32(header.table)), priority: 0, protocol: .unspecified,
      action: RuleAction(rawValue: header.action))
    var attributes = message.attributes(RuleAttribute.self, after: fib_rule_hdr.self)
    while let attribute = attributes.next() { read(attribute, header, from: &attributes) }
    try attributes.finish()
  }

  private mutating func read(
    _ attribute: RuleAttribute, _ header: fib_rule_hdr, from reader: inout AttributeReader<RuleAttribute>
  ) {
    switch attribute {
    case .source: source = IPPrefix(address: reader.address(), length: Int(header.src_len))
    case .destination: destination = IPPrefix(address: reader.address(), length: Int(header.dst_len))
    case .inputInterface: inputInterface = reader.string()
    case .outputInterface: outputInterface = reader.string()
    case .mark: mark = reader.integer()
    case .table: table = RouteTable(rawValue: reader.integer())
    case .priority: priority = reader.integer()
    case .protocol: self.protocol = RouteProtocol(rawValue: reader.integer())
    default: break
    }
  }
}

extension Request {
  static func addRule(_ rule: RoutingRule) throws(NetlinkError) -> Request {
    try self.rule("add rule \(rule)", .newRule, [.create, .exclusive], rule)
  }

  static func deleteRule(_ rule: RoutingRule) throws(NetlinkError) -> Request {
    try self.rule("remove rule \(rule)", .deleteRule, [], rule)
  }

  static func rules(_ version: IPVersion) throws(NetlinkError) -> Request {
    var header = fib_rule_hdr()
    header.family = version.family
    return try Request("list rules", .getRule, .dump, header: header) { (_: inout AttributeWriter<RuleAttribute>) in }
  }

  private static func rule(
    _ verb: String, _ type: MessageType, _ flags: MessageFlags, _ rule: RoutingRule
  ) throws(NetlinkError) -> Request {
    var header = fib_rule_hdr()
    header.family = rule.version.family
    header.src_len = UInt8(rule.source?.length ?? 0)
    header.dst_len = UInt8(rule.destination?.length ?? 0)
    header.table = rule.table.headerValue
    header.action = rule.action.rawValue
    return try Request(verb, type, flags, header: header) { message in write(rule, to: &message) }
  }

  private static func write(_ rule: RoutingRule, to message: inout AttributeWriter<RuleAttribute>) {
    if let source = rule.source { message.put(.source, source.address) }
    if let destination = rule.destination { message.put(.destination, destination.address) }
    if let inputInterface = rule.inputInterface { message.put(.inputInterface, inputInterface) }
    if let outputInterface = rule.outputInterface { message.put(.outputInterface, outputInterface) }
    if let mark = rule.mark { message.put(.mark, mark) }
    if !rule.table.fitsHeader { message.put(.table, rule.table.rawValue) }
    message.put(.protocol, rule.protocol.rawValue)
    if let priority = rule.priority { message.put(.priority, priority) }
  }
}

/// The attributes of a rule message.
private struct RuleAttribute: AttributeScope {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: Int) {
    rawValue = UInt16(constant)
  }

  /// The corresponding C constant is `FRA_DST`.
  static let destination = Self(FRA_DST)
  /// The corresponding C constant is `FRA_SRC`.
  static let source = Self(FRA_SRC)
  /// The corresponding C constant is `FRA_IIFNAME`.
  static let inputInterface = Self(FRA_IIFNAME)
  /// The corresponding C constant is `FRA_OIFNAME`.
  static let outputInterface = Self(FRA_OIFNAME)
  /// The corresponding C constant is `FRA_FWMARK`.
  static let mark = Self(FRA_FWMARK)
  /// The corresponding C constant is `FRA_TABLE`.
  static let table = Self(FRA_TABLE)
  /// The corresponding C constant is `FRA_PRIORITY`.
  static let priority = Self(FRA_PRIORITY)
  /// The corresponding C constant is `FRA_PROTOCOL`.
  static let `protocol` = Self(FRA_PROTOCOL)
}
