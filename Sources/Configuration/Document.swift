// SPDX-License-Identifier: MIT
import Yams

/// Turns text into the one YAML document it must hold.
struct Document {
  /// No configuration within the other limits comes near this size, in bytes.
  static let sizeLimit = 4 << 20
  /// Each duplicate costs another pass over the text.
  private static let duplicateLimit = 64

  let reading: Reading
  private var text: String

  /// The document's root; `nil` after reporting why there is none.
  static func root(of text: String, reading: Reading) -> Node? {
    guard text.utf8.count <= sizeLimit else {
      reading.report("the file is larger than \(sizeLimit >> 20) MiB", at: .start)
      return nil
    }
    // The parser, told that this is UTF-8, takes a byte order mark for content.
    let marked = text.unicodeScalars.first == "\u{FEFF}"
    var document = Document(reading: reading, text: marked ? String(text.unicodeScalars.dropFirst()) : text)
    guard document.hasNoAnchors(), let root = document.compose() else { return nil }
    guard !root.isEmpty else {
      reading.report("the file is empty; it needs \(reading.subject.needs)", at: .start)
      return nil
    }
    return root
  }

  /// Reports anchors and aliases before the parser sees the text, which may take it longer than anybody waits.
  private func hasNoAnchors() -> Bool {
    let anchors = AnchorScanner.anchors(in: text)
    for position in anchors {
      reading.report(
        #"anchors and aliases ("&name", "*name") are not supported: write the value out"#, at: position)
    }
    return anchors.isEmpty
  }

  /// Yams refuses a mapping that has a key twice, and names only one of the two. Such a key is masked, keeping
  /// its width, and the text parsed again: the reader of the mapping then sees both and everything else.
  private mutating func compose() -> Node? {
    for _ in 0...Self.duplicateLimit {
      do {
        return try parse()
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        guard mask(key: keys.first ?? "", at: Position(context.mark)) else {
          reading.report("key \(quoted(keys.first ?? "")) is given twice", at: Position(context.mark))
          return nil
        }
      } catch {
        report(error)
        return nil
      }
    }
    reading.report("more than \(Self.duplicateLimit) keys are given twice", at: .start)
    return nil
  }

  private func parse() throws -> Node? {
    // The basic resolver leaves every scalar as text: what it means is for the schema to say.
    let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
    let root = try parser.nextRoot()
    if let second = try parser.nextRoot() {
      reading.report("a second YAML document begins here; the file holds one", at: second.position)
    }
    return root ?? Node.scalar(.init(""))
  }

  /// Replaces the first character of the key by one for private use, which no other key has.
  private mutating func mask(key: String, at position: Position) -> Bool {
    var scalars = Array(text.unicodeScalars)
    guard var offset = position.offset(in: scalars), let first = key.unicodeScalars.first,
      let replacement = Unicode.Scalar(0xE000 + UInt32(reading.maskedKeys.count))
    else { return false }
    if scalars[offset] == "\"" || scalars[offset] == "'" { offset += 1 }
    guard offset < scalars.count, scalars[offset] == first else { return false }
    scalars[offset] = replacement
    text = String(String.UnicodeScalarView(scalars))
    reading.maskedKeys[String(replacement) + String(key.unicodeScalars.dropFirst())] = key
    return true
  }

  private func report(_ error: any Error) {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let circumstance = context.map { " (\($0.text) begun in line \($0.mark.line))" } ?? ""
      reading.report("YAML: \(problem)\(circumstance)\(hint(at: Position(mark)))", at: Position(mark))
    case .reader(let problem, let offset, _, _):
      reading.report("YAML: \(problem)", at: Position(character: offset ?? 0, of: text))
    case let other:
      reading.report("YAML: \(other.map { "\($0)" } ?? "\(error)")", at: .start)
    }
  }

  /// The commonest reasons are hard to see: a tab, and an address whose colons YAML takes for its own.
  private func hint(at position: Position) -> String {
    let scalars = Array(text.unicodeScalars)
    guard let offset = position.offset(in: scalars) else { return "" }
    if scalars[offset] == "\t" { return "; this is a tab: indent with spaces" }
    let ends: Set<Unicode.Scalar> = [" ", "\n", ",", "[", "]", "{", "}"]
    let head = scalars[...offset].reversed().prefix { !ends.contains($0) }
    let tail = scalars[offset...].dropFirst().prefix { !ends.contains($0) }
    let word = String(String.UnicodeScalarView(head.reversed() + tail))
    return word.contains("::") ? "; write IPv6 addresses between quotes" : ""
  }
}

extension Reading.Subject {
  /// The keys that every such file has.
  fileprivate var needs: String {
    switch self {
    case .director: #""director", "servers" and "services""#
    case .realServer: #""interface", "virtual-addresses" and "directors""#
    }
  }
}

extension Node {
  /// Whether the file says nothing here.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = self else { return false }
    return (scalar.string.isEmpty || scalar.string == "~") && [.any, .plain].contains(scalar.style)
  }
}

/// Text of the file as messages show it: between quotes, on one line, and not too long.
func quoted(_ text: String) -> String {
  let line = text.prefix(64).map { $0.isNewline ? " " : String($0) }.joined()
  return "\"\(line)\(text.count > 64 ? "…" : "")\""
}
