// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// The answers pin seed, flow hash and Maglev table from end to end: a change here moves flows when directors are upgraded
/// one after the other. The slots are those of an implementation in Python.
@Suite struct `culvert where` {
  private let files: TemporaryDirectory
  private let file: String

  init() throws {
    files = try TemporaryDirectory()
    file = try files.write(Examples.configuration, to: "c.yaml")
  }

  @Test func `tells people where a flow goes and why`() throws {
    let ending = try culvert("where", "198.51.100.7:40001", "203.0.113.80:80", "--config", file)
    #expect(
      ending
        == Ending(
          status: 0,
          output: """
            198.51.100.7:40001 -> 203.0.113.80:80/tcp
              slot    13053 of 65537, settled
              server  a1 (10.1.0.11, site A), by ipip
              why     it owns the slot, and no flow in it belongs to anybody else

            """,
          errors: ""))
  }

  @Test func `tells programs`() throws {
    let ending = try culvert("where", "198.51.100.7:40001", "203.0.113.80:80", "--config", file, "--json")
    #expect(
      ending.output == """
        {
          "address" : "10.1.0.11",
          "client" : "198.51.100.7:40001",
          "encapsulation" : "ipip",
          "owner" : "a1",
          "protocol" : "tcp",
          "server" : "a1",
          "service" : "203.0.113.80:80",
          "settled" : true,
          "site" : "A",
          "slot" : 13053
        }

        """)
  }

  @Test(arguments: [
    ("198.51.100.7:40002", "203.0.113.80:80", "tcp", "57609 b1"),
    ("198.51.100.8:40001", "203.0.113.80:80", "tcp", "29746 a2"),
    ("192.0.2.255:1", "203.0.113.80:80", "tcp", "6596 a2"),
    ("198.51.100.7:40001", "203.0.113.53:53", "udp", "43515 a2"),
    ("198.51.100.7:40002", "203.0.113.53:53", "udp", "20000 a1"),
  ])
  func `is the same on every director for ever`(
    _ client: String, _ service: String, _ transport: String, _ expected: String
  ) throws {
    let lines = try culvert("where", client, service, "--protocol", transport, "--config", file).output
      .split(separator: "\n").map { $0.split(separator: " ") }
    #expect("\(lines[1][1]) \(lines[2][1])" == expected)
  }

  @Test func `says that there is no such service`() throws {
    #expect(
      try culvert("where", "198.51.100.7:40001", "203.0.113.80:81", "--config", file)
        == Ending(
          status: 1, output: "",
          errors: "Error: no service at 203.0.113.80:81 for tcp: culvert check --print \(file) shows those there are\n")
    )
  }

  @Test func `says that no server is up`() throws {
    let down = try files.write(
      Examples.configuration.replacing("site: A }", with: "site: A, state: down }"), to: "down.yaml")
    let ending = try culvert("where", "198.51.100.7:40001", "203.0.113.53:53", "--protocol", "udp", "--config", down)
    #expect(ending.status == 0)
    #expect(ending.output.contains("server  none\n  why     nobody owns the slot\n"))
  }

  @Test func `says that no director runs`() throws {
    let ending = try culvert("where", "198.51.100.7:40001", "203.0.113.80:80", "--state-directory", files.path)
    #expect(
      ending
        == Ending(
          status: 1, output: "",
          errors: "Error: no director runs here: \(files.path) holds none; start one with culvert run\n"))
  }
}
