// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@Suite struct `culvert check` {
  private let files: TemporaryDirectory

  init() throws {
    files = try TemporaryDirectory()
  }

  @Test func `calls a good file good`() throws {
    let file = try files.write(Examples.configuration, to: "c.yaml")
    #expect(
      try culvert("check", file) == Ending(status: 0, output: "\(file): good: 2 services, 3 servers\n", errors: ""))
  }

  @Test func `tells one from several`() throws {
    let file = try files.write(
      """
      director: { interface: eth0 }
      servers: { a1: { address: 10.1.0.11 } }
      services: { web: { address: 203.0.113.80, port: 80, servers: [a1] } }
      """, to: "c.yaml")
    #expect(try culvert("check", file) == Ending(status: 0, output: "\(file): good: 1 service, 1 server\n", errors: ""))
  }

  @Test func `prints every problem with its place`() throws {
    let file = try files.write(
      """
      director:
        interface: eth0
        engine: xdp
      servers:
        a1: { adress: 10.1.0.11 }
      services:
        web: { address: 203.0.113.80, port: 0, servers: [a1, a3] }
      """, to: "c.yaml")
    let ending = try culvert("check", file)
    #expect(ending.status == 1)
    #expect(ending.output == "")
    let lines = ending.errors.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("\(file):") })
    #expect(
      lines.map { $0.dropFirst(file.count + 1).prefix { $0 != " " } } == ["3:11:", "5:3:", "5:9:", "7:39:", "7:56:"])
    #expect(lines.contains { $0.hasSuffix("did you mean \"address\"?") })
  }

  @Test func `warns, and takes the file`() throws {
    let file = try files.write(Examples.configuration.replacing("[a1, a2]", with: "[a1]"), to: "c.yaml")
    let ending = try culvert("check", file)
    #expect(ending.status == 0)
    #expect(ending.errors == "")
    let spare = try files.write(
      Examples.configuration.replacing("services:", with: "  a9: { address: 10.1.0.19 }\nservices:"), to: "d.yaml")
    let warned = try culvert("check", spare)
    #expect(warned.status == 0)
    #expect(warned.errors == "warning: \(spare):9:3: server \"a9\" is in no service\n")
  }

  @Test func `prints what it understood, to be read again`() throws {
    let file = try files.write(Examples.configuration, to: "c.yaml")
    let printed = try culvert("check", "--print", file)
    #expect(printed.status == 0)
    #expect(printed.output.contains("\n    idle-timeout: 15m\n"))
    let copy = try files.write(printed.output, to: "copy.yaml")
    #expect(try culvert("check", "--print", copy) == printed)
  }

  @Test func `says in one sentence which file is missing`() throws {
    let file = files.path(of: "missing.yaml")
    #expect(
      try culvert("check", file)
        == Ending(status: 1, output: "", errors: "Error: cannot read \(file): No such file or directory\n"))
  }
}
