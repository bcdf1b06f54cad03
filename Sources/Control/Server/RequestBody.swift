// SPDX-License-Identifier: MIT
import Health
import NIOHTTP1

/// A JSON object whose fields are known by name: a misspelt one is a mistake, not nothing.
struct RequestBody {
  private let values: [String: Field]

  /// A body that is empty has no fields.
  init(_ bytes: [UInt8], fields: [String]) throws(Refusal) {
    do {
      values = bytes.isEmpty ? [:] : try JSON.value([String: Field].self, from: bytes)
    } catch {
      throw Refusal(.badRequest, "the body is not a JSON object", hint: Self.hint(fields))
    }
    let unknown = values.keys.filter { !fields.contains($0) }.sorted()
    if let name = unknown.first {
      throw Refusal(.badRequest, "unknown field \"\(name.forMessages)\"", hint: Self.hint(fields))
    }
  }

  private static func hint(_ fields: [String]) -> String {
    fields.isEmpty ? "this request has no body" : "it may have: \(fields.joined(separator: ", "))"
  }

  private enum Field: Decodable {
    case null
    case number(Int)
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let number = try? value.decode(Int.self) {
        self = .number(number)
      } else if let text = try? value.decode(String.self) {
        self = .text(text)
      } else {
        self = .other
      }
    }
  }

  /// nil where it is missing, or null.
  func text(_ name: String) throws(Refusal) -> String? {
    switch values[name] {
    case nil, .null: nil
    case .text(let text): text
    case .number, .other: throw Refusal(.badRequest, "\"\(name)\" is not a text")
    }
  }
}

// What fields mean.
extension RequestBody {
  /// nil: ready, what the configuration says.
  func state() throws(Refusal) -> ServerOverride.State? {
    let hint = "\"state\" is drain, maintenance or ready"
    guard let word = try text("state") else { throw Refusal(.badRequest, "\"state\" is missing", hint: hint) }
    if word == "ready" { return nil }
    guard let state = ServerOverride.State(rawValue: word) else {
      throw Refusal(.badRequest, "there is no state \"\(word.forMessages)\"", hint: hint)
    }
    return state
  }

  /// nil for the configuration's.
  func weight() throws(Refusal) -> Int? {
    let hint = "\"weight\" is a number from 1 to 65535, or null for the configuration's"
    switch values["weight"] {
    case nil: throw Refusal(.badRequest, "\"weight\" is missing", hint: hint)
    case .null: return nil
    case .number(let weight) where 1...65_535 ~= weight: return weight
    case .number, .text, .other: throw Refusal(.badRequest, "this is no weight", hint: hint)
    }
  }

  /// Why, as others will read it; empty where nobody said.
  func reason() throws(Refusal) -> String {
    let reason = try text("reason") ?? ""
    guard reason.count <= 200, reason == reason.forMessages(upTo: 200) else {
      throw Refusal(.badRequest, "\"reason\" is not one line of at most 200 characters")
    }
    return reason
  }
}
