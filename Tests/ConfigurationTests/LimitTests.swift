// SPDX-License-Identifier: MIT
import Configuration
import Testing

@Suite struct `Limits` {
  @Test func `thousands of unknown servers are told without thousands of searches`() {
    let servers = (0..<1_000).map { "  a\($0): { address: 10.0.\($0 >> 8).\($0 & 0xFF) }\n" }.joined()
    let members = (0..<4_000).map { "b\($0)" }.joined(separator: ", ")
    let text = """
      director: { interface: eth0 }
      servers:
      \(servers)services:
        web: { address: 203.0.113.80, port: 80, servers: [\(members)] }
      """
    let found = problems(in: text)
    #expect(found.count == 4_000)
    #expect(found.first?.hasSuffix("did you mean \"a0\"?") == true)
    #expect(found.last?.hasSuffix("unknown server \"b3999\" in service \"web\"") == true)
  }

  private func file(services: Int, members: Int) -> String {
    let servers = (0..<members).map { "  s\($0): { address: 10.0.\($0 >> 8).\($0 & 0xFF) }\n" }.joined()
    let list = (0..<members).map { "s\($0)" }.joined(separator: ", ")
    let services = (0..<services).map {
      "  v\($0): { address: 203.0.113.1, port: \($0 + 1), servers: [\(list)] }\n"
    }
    return "director: { interface: eth0 }\nservers:\n\(servers)services:\n\(services.joined())"
  }

  @Test func `512 services with 4,096 members in all are read`() {
    #expect(problems(in: file(services: 512, members: 8)).isEmpty)
  }

  @Test func `one service too many is refused`() {
    #expect(
      problems(in: file(services: 513, members: 1))
        == [
          #"c.yaml:5:3: "services" holds 513 entries; the limit is 512"#
        ])
  }

  @Test func `one member too many is refused where the limit is passed`() {
    #expect(
      problems(in: file(services: 456, members: 9)) == [
        #"c.yaml:468:3: with service "v455" all services together have more than 4096 members"#
      ])
  }
}
