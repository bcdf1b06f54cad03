// SPDX-License-Identifier: MIT
import FoundationEssentials
import Netlink
import Wire

/// Tunnels as `culvert tunnel list --json` prints them, or as somebody wrote them.
public enum TunnelFile {
  /// The tunnels in `text`. Those that `culvert tunnel` did not make are passed over, and so are counters.
  ///
  /// - Throws: ``ProvisioningError`` with the place in `file` and what would be right there.
  public static func read(_ text: String, of file: String) throws -> [TunnelSetup] {
    do {
      return try JSONDecoder().decode([TunnelEntry].self, from: Data(text.utf8)).compactMap(\.setup)
    } catch let error as DecodingError {
      throw ProvisioningError("\(file)\(explain(error))")
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "\(place(context.codingPath)): \"\(key.stringValue)\" is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      context.codingPath.isEmpty
        ? ": not a list of tunnels such as 'culvert tunnel list --json' prints"
        : "\(place(context.codingPath)): \(context.debugDescription)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? ": not JSON such as 'culvert tunnel list --json' prints: \(context.underlyingError.map { "\($0)" } ?? context.debugDescription)"
        : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: ": \(error)"
    }
  }

  /// `: tunnel 2, "kind"`, counted from 1.
  private static func place(_ path: [any CodingKey]) -> String {
    let number = path.first?.intValue.map { ": tunnel \($0 + 1)" } ?? ""
    let keys = path.dropFirst().filter { $0.intValue == nil }.map { ", \"\($0.stringValue)\"" }
    return number + keys.joined()
  }
}

/// One object of the list.
private struct TunnelEntry: Decodable {
  /// nil for a tunnel of somebody else.
  let setup: TunnelSetup?

  private typealias Keys = TunnelView.CodingKeys

  init(from decoder: any Decoder) throws {
    try Self.requireKnownKeys(decoder)
    let object = try decoder.container(keyedBy: Keys.self)
    let owner = try object.word(TunnelOwner.self, .owner) ?? .tunnel
    setup = owner == .tunnel ? try Self.setup(object) : nil
  }

  private static func setup(_ object: KeyedDecodingContainer<Keys>) throws -> TunnelSetup {
    var setup = TunnelSetup(try link(object))
    setup.addresses = try object.decodeIfPresent([IPPrefix].self, forKey: .addresses) ?? []
    setup.routes = try object.decodeIfPresent([TunnelRoute].self, forKey: .routes) ?? []
    return setup
  }

  private static func link(_ object: KeyedDecodingContainer<Keys>) throws -> TunnelLink {
    var link = TunnelLink(
      name: try object.decode(String.self, forKey: .name), kind: try object.requiredWord(Tunnel.Kind.self, .kind),
      local: try object.decode(IPAddress.self, forKey: .local),
      remote: try object.decode(IPAddress.self, forKey: .remote))
    link.mode = try mode(of: link.kind, object)
    link.encapsulation = try object.word(TunnelEncapsulation.self, .encapsulation)
    link.port = try object.number(.port) ?? link.usualPort
    link.key = try object.number(.key)
    link.ttl = try object.number(.ttl) ?? link.ttl
    link.tos = try object.number(.tos)
    link.discoversPathMTU = try object.decodeIfPresent(Bool.self, forKey: .pathMTUDiscovery) ?? true
    link.encapsulationLimit = try object.number(.encapsulationLimit)
    link.device = try object.decodeIfPresent(String.self, forKey: .device)
    link.mtu = try object.number(.mtu)
    link.isUp = try object.decodeIfPresent(Bool.self, forKey: .isUp) ?? true
    return link
  }

  private static func mode(
    of kind: Tunnel.Kind, _ object: KeyedDecodingContainer<Keys>
  ) throws -> Tunnel.Payload {
    guard let word = try object.decodeIfPresent(String.self, forKey: .mode) else { return .any }
    do {
      return try Tunnel.Payload(mode: word, of: kind)
    } catch {
      throw DecodingError.dataCorruptedError(forKey: .mode, in: object, debugDescription: "\(error)")
    }
  }

  /// A slip of the pen would otherwise be taken for the default.
  private static func requireKnownKeys(_ decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: AnyKey.self)
    guard let unknown = object.allKeys.first(where: { Keys(stringValue: $0.stringValue) == nil }) else { return }
    let known = Keys.allCases.map(\.rawValue).joined(separator: ", ")
    throw DecodingError.dataCorruptedError(
      forKey: unknown, in: object, debugDescription: "no such key: there are \(known)")
  }
}

/// Whatever somebody called it.
private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) {
    self.stringValue = stringValue
  }

  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer {
  /// A number that fits; nil if there is none. The decoder itself would not say where one is that does not fit.
  fileprivate func number<Number: FixedWidthInteger>(_ key: Key) throws -> Number? {
    guard let value = try decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard let number = Number(exactly: value) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(value) is no whole number from \(Number.min) to \(Number.max)")
    }
    return number
  }

  /// One of the words that `Word` has; nil if there is none.
  fileprivate func word<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type, _ key: Key) throws -> Word? {
    try contains(key) ? requiredWord(Word.self, key) : nil
  }

  fileprivate func requiredWord<Word: RawRepresentable<String> & CaseIterable>(
    _: Word.Type, _ key: Key
  ) throws -> Word {
    let text = try decode(String.self, forKey: key)
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\"\(text)\" is none of \(words)")
    }
    return word
  }
}
