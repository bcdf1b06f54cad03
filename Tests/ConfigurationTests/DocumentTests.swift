// SPDX-License-Identifier: MIT
import Configuration
import TestSupport
import Testing

@Suite struct `The YAML document` {
  @Test(arguments: ["", "\n", "# nothing\n", "---\n", "~"])
  func `an empty file says what it needs`(text: String) {
    #expect(
      problems(in: text) == [#"c.yaml:1:1: the file is empty; it needs "director", "servers" and "services""#])
  }

  @Test(arguments: [
    "\u{FEFF}" + Example.text, Example.text.replacing("\n", with: "\r\n"), "---\n" + Example.text + "\n...\n",
  ])
  func `a byte order mark, CR LF and document markers are fine`(text: String) {
    #expect(problems(in: text).isEmpty)
  }

  @Test func `a second document is refused`() {
    #expect(
      problems(in: Example.text + "\n---\ndirector: {}\n") == [
        "c.yaml:27:1: a second YAML document begins here; the file holds one"
      ])
  }

  @Test func `a syntax error has its line and column`() {
    #expect(
      problems(in: Example.with("site: B, ", "site: B: ")) == [
        "c.yaml:8:36: YAML: did not find expected ',' or '}' (while parsing a flow mapping begun in line 8)"
      ])
  }

  @Test func `a tab is called a tab`() {
    #expect(
      problems(in: Example.with("  engine", "\tengine")).first?
        .contains("this is a tab: indent with spaces") == true)
  }

  @Test(arguments: [
    ("10.2.0.11", "2001:db8::", "8:27"), ("10.2.0.11", "::11", "8:18"), ("203.0.113.53", "2001:db8::", "22:23"),
    ("192.0.2.10", "[192.0.2.10, 2001:db8::]", "4:33"),
  ])
  func `an IPv6 address that YAML takes for something else needs quotes`(old: String, new: String, position: String) {
    let found = problems(in: Example.with(old, new))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("c.yaml:\(position): YAML: ") == true)
    #expect(found.first?.contains("; write IPv6 addresses between quotes") == true)
  }

  @Test func `a control character has its line and column`() {
    #expect(problems(in: Example.with("eth0", "et\u{1}h")) == ["c.yaml:2:16: YAML: control characters are not allowed"])
  }

  @Test func `a duplicate key is told with both places, and other problems with it`() {
    let text = Example.with("port: 80", "port: 80\n    \"port\": 81\n    colour: red\n    port: 82")
      .replacing("  dns:", with: "  web:")
    #expect(
      problems(in: text) == [
        #"c.yaml:13:5: key "port" in service "web" is given twice, first at 12:5"#,
        #"c.yaml:14:5: unknown key "colour" in service "web""#,
        #"c.yaml:15:5: key "port" in service "web" is given twice, first at 12:5"#,
        #"c.yaml:24:3: service "web" in "services" is given twice, first at 10:3"#,
      ])
  }

  @Test func `a duplicate in a value that is not looked into is still refused`() {
    let found = problems(in: Example.with("port: 53", "port: { a: 1, a: 2 }"))
    #expect(found.contains { $0.contains("must be a single value, not a mapping") })
  }

  @Test func `a duplicate key behind a tag is refused`() {
    #expect(problems(in: "!!str x: 1\n!!str x: 2\n") == [#"c.yaml:1:1: key "x" is given twice"#])
  }

  @Test func `merge keys are refused with a way out`() {
    let text = Example.with("protocol: tcp", "protocol: tcp\n    <<: {}")
    #expect(
      problems(in: text) == [
        """
        c.yaml:14:5: unknown key "<<" in service "web": YAML's merge keys are not supported: repeat the entries
        """
      ])
  }

  @Test func `a key that is a list is refused`() {
    #expect(problems(in: Example.text + "\n[x]: 1\n") == ["c.yaml:26:1: a key in the file is not plain text"])
  }

  @Test func `a file of more than 4 MiB is refused unread`() {
    let text = Example.text + "\n#" + String(repeating: "x", count: 4 << 20)
    #expect(problems(in: text) == ["c.yaml:1:1: the file is larger than 4 MiB"])
  }

  @Test func `nesting without end is refused`() {
    let found = problems(in: String(repeating: "[", count: 100_000))
    #expect(found.count == 1)
    #expect(found.first?.contains("nesting") == true)
  }

  @Test(arguments: [Example.text, Example.full])
  func `any text gives problems, or a configuration that can be printed and read`(example: String) throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    let inserts = Array("{}[]:,-&*!|>'\"%@`#? \t\n\0é~<0".unicodeScalars)
    for _ in 0..<1_500 {
      var scalars = Array(example.unicodeScalars)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<scalars.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: scalars.remove(at: index)
        case 1: scalars.insert(inserts[Int.random(in: 0..<inserts.count, using: &random)], at: index)
        case 2: scalars[index] = scalars[Int.random(in: 0..<scalars.count, using: &random)]
        default: scalars.removeSubrange(index..<min(scalars.count, index + 20))
        }
      }
      let text = String(String.UnicodeScalarView(scalars))
      for problem in problems(in: text) { #expect(problem.hasPrefix("c.yaml:")) }
      guard let read = try? DirectorConfiguration.read(text: text, file: "c.yaml").configuration else { continue }
      #expect(try DirectorConfiguration.read(text: read.yaml, file: "d.yaml").configuration == read)
    }
  }
}
