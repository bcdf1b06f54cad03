// SPDX-License-Identifier: MIT

/// A mapping whose keys the schema knows. Asking for a key makes it known; what nobody asked for is reported.
struct Fields {
  private let value: Value
  private let entries: [(key: String, value: Value)]
  private var known: [String] = []

  fileprivate init(value: Value, entries: [(key: String, value: Value)]) {
    self.value = value
    self.entries = entries
  }

  /// Reads the value of a key that must be there.
  mutating func required<Content>(_ key: String, _ read: Reader<Content>) -> Content? {
    guard let field = field(key) else {
      value.reading.report("\(value.label) has no \(quoted(key))", at: value.start)
      return nil
    }
    return read(field)
  }

  /// Reads the value of a key that may be left out.
  mutating func optional<Content>(_ key: String, _ read: Reader<Content>) -> Content? {
    field(key).flatMap(read)
  }

  /// Reads the value of a key that may be left out; that is `absent` then.
  mutating func optional<Content>(_ key: String, default absent: Content, _ read: Reader<Content>) -> Content? {
    guard let field = field(key) else { return absent }
    return read(field)
  }

  /// Reads the value of a key that may stand only where it `applies`, and be left out there. The `reason` why it does
  /// not follows the key in a message.
  mutating func optional<Content>(
    _ key: String, where applies: Bool, otherwise reason: String, _ read: Reader<Content>
  ) -> Content? {
    guard let field = field(key) else { return nil }
    guard applies else {
      value.reading.report("\(field.label) \(reason)", at: field.start)
      return nil
    }
    return read(field)
  }

  /// Whether the file has a value for the key.
  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  private mutating func field(_ key: String) -> Value? {
    known.append(key)
    return entries.first { $0.key == key }?.value
  }

  fileprivate func reportUnknown() {
    for (key, field) in entries where !known.contains(key) {
      let unknown = UnknownWord(key, known: known, in: value.reading.subject)
      value.reading.report(
        "unknown key \(quoted(key)) in \(value.label)\(unknown.explanation)", at: field.start,
        suggestion: unknown.suggestion)
    }
  }
}

extension Value {
  /// Reads a mapping by its keys and reports the keys that `read` does not ask for.
  func fields<Content>(_ read: (inout Fields) -> Content?) -> Content? {
    guard let entries = entries() else { return nil }
    var fields = Fields(value: self, entries: entries)
    let content = read(&fields)
    fields.reportUnknown()
    return content
  }
}
