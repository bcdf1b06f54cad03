// SPDX-License-Identifier: MIT
import Configuration
import Testing

@Suite struct `What is refused of pools and of the director's socket` {
  /// What is said of a service whose pools, a line each from line 5 on, are `pools`.
  private func found(_ pools: String...) -> [String] {
    problems(
      in: """
        director: { interface: eth0 }
        servers: { a1: { address: 10.1.0.11, site: A }, b1: { address: 10.2.0.11, site: B }, c1: { address: 10.3.0.1 } }
        services:
          web: { address: 203.0.113.80, port: 80, pools: [
            \(pools.map { "{ \($0) }" }.joined(separator: ",\n    "))
          ] }
        """)
  }

  @Test(
    arguments: [
      (
        ["servers: [a1], threshold: 50"],
        [
          #"5:33: "threshold" of pool 1 of service "web" must be a percentage from 0% to 100%, not "50"; did you mean "50%"?"#
        ]
      ),
      (
        ["servers: [a1], threshold: 101%"],
        [#"5:33: "threshold" of pool 1 of service "web" must be a percentage from 0% to 100%, not "101%""#]
      ),
      (
        ["servers: [a1], threshold: 50%, recovery: 40%"],
        [
          #"5:48: "recovery" of pool 1 of service "web" is less than its threshold of 50%: a pool that is short must get better before it counts as whole; did you mean "50%"?"#
        ]
      ),
      (["servers: [a1]", "servers: [b1, a1]"], [#"6:21: server "a1" is in service "web" twice, first at 5:17"#]),
      (
        ["name: n, servers: [a1]", "name: n, servers: [b1]"],
        [#"6:13: pool "n" of service "web" is given twice, first at 5:13"#]
      ),
      (
        ["servers: [a1], last-resort: true"],
        [#"5:35: pool 1 of service "web" is the last resort of no other pool: leave "last-resort" out"#]
      ),
      (
        ["servers: [a1], last-resort: true", "servers: [b1]"],
        [
          #"5:35: pool 1 of service "web" is a last resort, and another pool stands after it: put those of last resort last"#
        ]
      ),
      (
        ["servers: [a1, b1], site-weights: { A: 1, BB: 2 }"],
        [#"5:48: no server of this pool has the site "BB"; did you mean "B"?"#]
      ),
      (
        ["servers: [a1], site-weights: { A: 0 }"],
        [#"5:41: site "A" must be a number from 1 to 65535, not "0""#]
      ),
      (
        ["servers: [a1]", "servers: [b1], backup: true"],
        [
          #"6:22: unknown key "backup" in pool 2 of service "web": a server that stands in for all others is a pool of its own, the last one, with "last-resort: true"; did you mean "last-resort"?"#
        ]
      ),
      (
        ["servers: [a1], quorum: 50%"],
        [
          #"5:22: unknown key "quorum" in pool 1 of service "web": a pool is short where less than its "threshold" of its weight is up; did you mean "threshold"?"#
        ]
      ),
      (["name: n"], [#"5:5: pool 1 of service "web" has no "servers""#]),
    ])
  func `pools`(pools: [String], messages: [String]) {
    let text = pools.count == 1 ? found(pools[0]) : found(pools[0], pools[1])
    #expect(text == messages.map { "c.yaml:\($0)" })
  }

  @Test(
    arguments: [
      Refused(
        "[a1]", "[a1]\n    pools: [{ servers: [a1] }]",
        #"25:5: "servers" of service "dns" stand in "pools" where a service has them: write the names under "servers" of a pool"#
      ),
      Refused(
        "protocol: udp", "protocol: udp\n    when-short: overflow",
        #"25:5: "when-short" of service "dns" is for services with "pools": no other one can help"#),
      Refused(
        "protocol: udp", "protocol: udp\n    all-down: open",
        #"25:15: "all-down" of service "dns" must be drop, reset or fail-open, not "open"; did you mean "fail-open"?"#),
      Refused(
        "protocol: udp", "protocol: udp\n    slow-start: 500ms",
        #"25:17: "slow-start" of service "dns" must be whole seconds, not "500ms""#),
      Refused(
        "protocol: udp", "protocol: udp\n    monitor: tcp",
        #"25:5: unknown key "monitor" in service "dns"; did you mean "checks"?"#),
      Refused(
        "protocol: udp", "protocol: udp\n    interval: 1s",
        #"25:5: unknown key "interval" in service "dns": it belongs to a health check, under "checks""#),
      Refused(
        "state: drain", "checks: [x]",
        #"8:58: unknown key "checks" in server "b1": a health check stands under "checks", and services name it"#),
      Refused(
        "state: drain", "backup: true",
        #"8:58: unknown key "backup" in server "b1": a server that stands in for all others is a pool of its own, the last one, with "last-resort: true""#
      ),
      Refused(
        "engine: kernel", "probes-per-second: 0",
        #"3:22: "probes-per-second" of "director" must be a number from 1 to 100000, not "0""#),
      Refused(
        "engine: kernel", "socket: { mode: 0660 }",
        #"3:19: "mode" of "socket" of "director" must be 600, 660 or 666, for who connects needs to read and write, not "0660"; did you mean "660"?"#
      ),
      Refused(
        "engine: kernel", "socket: { mode: 640 }",
        #"3:19: "mode" of "socket" of "director" must be 600, 660 or 666, for who connects needs to read and write, not "640"; did you mean "660"?"#
      ),
      Refused(
        "engine: kernel", "socket: { group: \"net ops\" }",
        #"3:20: "group" of "socket" of "director" must be a group's name: 1 to 32 letters, digits, "-", "_" or ".", not "net ops""#
      ),
    ])
  func `services and the director`(refused: Refused) {
    #expect(problems(in: Example.with(refused.old, refused.new)) == ["c.yaml:\(refused.message)"])
  }

  @Test func `a group that may not use the socket is doubtful`() throws {
    let text = Example.with("engine: kernel", "socket: { group: netops, mode: 600 }")
    let warnings = try DirectorConfiguration.read(text: text, file: "c.yaml").warnings.map(\.description)
    #expect(warnings == [#"c.yaml:3:34: group "netops" cannot use the socket: write "mode: 660""#])
  }
}
