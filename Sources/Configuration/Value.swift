// SPDX-License-Identifier: MIT
import Yams

/// Reads a value of the file; `nil` after reporting what is wrong with it.
typealias Reader<Content> = (Value) -> Content?

/// A node of the file, and what messages call it.
struct Value {
  let node: Node
  /// `"port" of service "web"`.
  let label: String
  /// Where its key stands, or itself if it has none.
  let start: Position
  let reading: Reading

  /// Reports what is wrong with this value: its label, then `reason`.
  func refuse(_ reason: String, suggestion: String? = nil) {
    reading.report("\(label) \(reason)", at: node.position, suggestion: suggestion)
  }

  func refuse(_ refusal: Refusal) {
    refuse(refusal.reason, suggestion: refusal.suggestion)
  }

  /// What the file has here, for messages.
  var kind: String {
    switch node {
    case _ where node.isEmpty: "nothing"
    case .scalar(let scalar): quoted(scalar.string)
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// Whether this is neither a mapping nor a list.
  var isSingle: Bool { node.scalar != nil }

  /// The same value under another name.
  func called(_ label: String) -> Value {
    Value(node: node, label: label, start: start, reading: reading)
  }

  /// Where the value of `key` stands; this value's start without such a key.
  func position(of key: String) -> Position {
    guard case .mapping(let mapping) = node else { return start }
    return mapping.first { $0.key.scalar?.string == key }?.value.position ?? start
  }
}

/// Why a text is not what its place in the file needs: what follows the label in a message.
struct Refusal: Error {
  let reason: String
  var suggestion: String?
}

/// One item of a mapping with free keys, or of a list.
struct Entry<Content> {
  /// The key; empty in a list.
  let name: String
  let value: Value
  /// `nil` if it could not be read.
  let content: Content?
}

// MARK: - Scalars

extension Value {
  /// The text of a scalar. What YAML makes of `yes`, `0x10` or `1_000` is of no interest.
  func text() -> String? {
    guard case .scalar(let scalar) = node, !node.isEmpty else {
      refuse("must be a single value, not \(kind)")
      return nil
    }
    guard hasNoTag() else { return nil }
    return scalar.string
  }

  /// A tag such as `!!int` would be ignored, and nothing is.
  func hasNoTag() -> Bool {
    let tag = node.tag.description
    guard !["str", "map", "seq"].contains(where: { tag == "tag:yaml.org,2002:\($0)" }) else { return true }
    refuse("has the YAML tag \(quoted(tag)), which means nothing here")
    return false
  }
}

/// A scalar whose text `parse` understands.
func scalar<Content>(_ parse: @escaping (String) throws(Refusal) -> Content) -> Reader<Content> {
  { value in
    guard let text = value.text() else { return nil }
    do throws(Refusal) {
      return try parse(text)
    } catch {
      value.refuse(error)
      return nil
    }
  }
}

// MARK: - Mappings and lists

extension Value {
  /// Reads a mapping whose keys are the file's to choose, in a `form`; `nil` if it is none, has too many or has no
  /// entries.
  func table<Content>(
    of noun: String, limit: Int, form: (String) throws(Refusal) -> String = Format.name,
    read: (String, Value) -> Content?
  ) -> [Entry<Content>]? {
    guard let entries = entries(noun: noun), holds(entries.count, noun: noun, limit: limit) else { return nil }
    return entries.map { name, value in
      do throws(Refusal) {
        _ = try form(name)
      } catch {
        reading.report("the name of \(noun) \(quoted(name)) \(error.reason)", at: value.start)
      }
      let value = value.called("\(noun) \(quoted(name))")
      return Entry(name: name, value: value, content: read(name, value))
    }
  }

  /// Reads a list that belongs to `owner`; `nil` if it is none, has too many or has no entries.
  func list<Content>(
    of noun: String, in owner: String, limit: Int, read: Reader<Content>
  ) -> [Entry<Content>]? {
    guard case .sequence(let sequence) = node, hasNoTag() else {
      refuse("must be a list, not \(kind)")
      return nil
    }
    guard holds(sequence.count, noun: noun, limit: limit) else { return nil }
    return sequence.enumerated().map { index, node in
      let label = "\(noun) \(index + 1) of \(owner)"
      let value = Value(node: node, label: label, start: node.position, reading: reading)
      return Entry(name: "", value: value, content: read(value))
    }
  }

  /// One value, or a list of them that belongs to `owner`.
  func several<Content>(
    of noun: String, in owner: String, limit: Int, read: Reader<Content>
  ) -> [Entry<Content>]? {
    if isSingle { return [Entry(name: "", value: self, content: read(self))] }
    return list(of: noun, in: owner, limit: limit, read: read)
  }

  private func holds(_ count: Int, noun: String, limit: Int) -> Bool {
    guard !(1...limit ~= count) else { return true }
    refuse(count == 0 ? "holds no \(noun)" : "holds \(count) entries; the limit is \(limit)")
    return false
  }

  /// The entries of a mapping, each labelled as a part of this value; a key that comes again is reported and dropped.
  func entries(noun: String = "key") -> [(key: String, value: Value)]? {
    guard case .mapping(let mapping) = node, hasNoTag() else {
      refuse("must be a mapping, not \(kind)")
      return nil
    }
    var seen: [String: Position] = [:]
    return mapping.compactMap { key, node in
      guard let name = keyText(key) else { return nil }
      if let first = seen[name] {
        reading.report("\(noun) \(quoted(name)) in \(label) is given twice, first at \(first)", at: key.position)
        return nil
      }
      seen[name] = key.position
      return (name, Value(node: node, label: "\(quoted(name)) of \(label)", start: key.position, reading: reading))
    }
  }

  private func keyText(_ key: Node) -> String? {
    guard case .scalar(let scalar) = key else {
      reading.report("a key in \(label) is not plain text", at: key.position)
      return nil
    }
    return reading.maskedKeys[scalar.string] ?? scalar.string
  }
}
