// SPDX-License-Identifier: MIT

/// Any JSON.
enum JSONValue: Hashable, Sendable, Decodable {
  case null
  case boolean(Bool)
  case integer(Int)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else if let value = try? container.decode([String: JSONValue].self) {
      self = .object(value)
    } else {
      self = .null
    }
  }

  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int? { if case .integer(let number) = self { number } else { nil } }
  var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// The name and value of an object with one member.
  var onlyMember: (name: String, value: JSONValue)? {
    guard case .object(let members) = self, members.count == 1, let member = members.first else { return nil }
    return (member.key, member.value)
  }

  /// Its texts and numbers, in short, for people.
  var words: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let number): "\(number)"
    case .text(let text): text
    case .array(let values): values.map(\.words).joined(separator: ",")
    case .object(let members):
      members.sorted { $0.key > $1.key }.map { Self.words($0.key, $0.value) }.joined(separator: " ")
    }
  }

  private static func words(_ key: String, _ value: JSONValue) -> String {
    switch key {
    case "set": "{ \(value.array?.map(\.words).joined(separator: ", ") ?? value.words) }"
    case "range": value.array?.map(\.words).joined(separator: "-") ?? value.words
    case "prefix": "\(value["addr"]?.words ?? "")/\(value["len"]?.words ?? "")"
    // Which header, then which field of it: the keys' own names say nothing.
    case "payload", "protocol", "field", "key", "addr", "len": value.words
    default: "\(key) \(value.words)"
    }
  }
}
