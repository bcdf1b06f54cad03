// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Yams

@testable import Configuration

@Suite struct `Anchors and aliases` {
  private static let refusal = #"anchors and aliases ("&name", "*name") are not supported: write the value out"#

  @Test func `each is refused at its place`() {
    let text = Example.with("[a1]", "*pool").replacing("servers:\n      - a1", with: "servers: &pool\n      - a1")
    #expect(problems(in: text) == ["c.yaml:17:14: \(Self.refusal)", "c.yaml:25:14: \(Self.refusal)"])
  }

  /// Each level stands for nine of the one below; as a key, the last took the parser hours.
  @Test(.timeLimit(.minutes(1))) func `aliases of aliases that are a key are refused at once`() {
    let levels = (1...9).map { level in
      "b\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
    }
    let found = problems(in: "a: &a0 [x]\n\(levels.joined())? *a9\n: y\n")
    #expect(found.count == 92)
    #expect(found.first == "c.yaml:1:4: \(Self.refusal)")
    #expect(found.last == "c.yaml:11:3: \(Self.refusal)")
  }

  @Test(arguments: [
    ("&a", [1]), ("a: *b", [4]), ("[&a b, *c]", [2, 8]), ("{a: *b}", [5]), ("{\"a\":*b}", [6]), ("? *a", [3]),
    ("- &a b", [3]), ("- - *a", [5]), ("!!str &a b", [7]), ("!<a,b> *a", [8]), ("[!a,*b]", [5]), ("\"a\" : *b", [7]),
    ("'it''s' : *b", [11]), ("\"\\\"\" : *b", [8]), ("a\u{85}: *b", [3]), ("\t&a", [2]), ("--- *a", [5]),
    ("{?*a}", [3]),
    ("*a : &b c", [1, 6]), ("# \"\n*a # \"", [1]),
  ])
  func `it is found where a token begins`(text: String, columns: [Int]) {
    #expect(AnchorScanner.anchors(in: text).map(\.column) == columns)
  }

  @Test(arguments: [
    "a: b&c", "a: b *c", "a: b\n  *c\n  'd *e", "a&b: c*d", "'&a'", "\"*a\"", "'it''s *a'", "\"\\\" *a\"", "# *a",
    "a # *b",
    "'a\n *b'", "a: |\n *b", "a: >-\n\n  &b\n  'c", "a: |2\n   *b\n", "- |\n  # 'x\n  *a", "%YAML 1.1\n---\na",
    "[a\n *b]",
    "a:\n  - b\n  - c\n    *d",
  ])
  func `within a text it is text`(text: String) {
    #expect(AnchorScanner.anchors(in: text).isEmpty)
  }

  @Test(arguments: [
    "a: |\n  'b\nc: *d", "a: >\n  \"b\n*c : d", "a: b\n  'c\nd: *e", "a: b\n'c': *d", "- a\n  'b\n- *c",
    "a:\n - b\n 'c': *d",
    "a: |1\n  'b\n 'c\nd: *e", "? a\n  'b\n: *c", "- |+2\n    'a\n- *b", "a: b\n...\n--- 'c'\n--- *d",
    "a: b # 'c\nd: *e",
    "- - a\n    'b\n  - *c",
  ])
  func `a quote that begins nothing hides nothing`(text: String) {
    #expect(AnchorScanner.anchors(in: text).count == 1)
  }

  /// Random texts of what matters to the scanner, against the parser itself.
  @Test func `the parser sees an anchor where one is found, and none elsewhere`() throws {
    let seed = SplitMix64.freshSeed()
    print("Anchors: seed \(seed)")
    var random = SplitMix64(seed: seed)
    let pieces = [
      "a", "&b c", " ", " ", "\n", "\n", "\n  ", ": ", ": ", "- ", "'", "\"", "[", "]", "{", "}", ", ", "? ", "|\n ",
      ">-\n  ", "#", " # ", "!t ", "\\", "---", "1",
    ]
    var withAnchors = 0
    for _ in 0..<30_000 {
      let text = (0..<random.below(14)).map { _ in pieces[random.below(pieces.count)] }.joined()
      guard let parser = try? Parser(yaml: text, resolver: .basic, encoding: .utf8),
        let root = try? parser.singleRoot()
      else { continue }
      // Nodes hold their anchors weakly; the parser has them.
      let expected = withExtendedLifetime(parser) { anchorCount(root) }
      withAnchors += expected == 0 ? 0 : 1
      let found = AnchorScanner.anchors(in: text).count
      #expect(found == expected, "seed \(seed): \(text.debugDescription)")
    }
    #expect(withAnchors > 30)
  }

  private func anchorCount(_ node: Node) -> Int {
    let own = node.anchor == nil ? 0 : 1
    switch node {
    case .mapping(let mapping): return own + mapping.map { anchorCount($0.key) + anchorCount($0.value) }.reduce(0, +)
    case .sequence(let sequence): return own + sequence.map(anchorCount).reduce(0, +)
    case .scalar, .alias: return own
    }
  }
}
