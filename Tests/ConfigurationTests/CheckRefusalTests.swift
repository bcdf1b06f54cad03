// SPDX-License-Identifier: MIT
import Configuration
import Testing

@Suite struct `What is refused of health checks` {
  /// What is said of a file whose only check, in line 2 from column 5 on, is `check`, and of the service that names it.
  private func found(_ check: String, service: String = "port: 80") -> [String] {
    problems(
      in: """
        checks:
          c: { \(check) }
        director: { interface: eth0 }
        servers: { a1: { address: 10.1.0.11, site: A } }
        services:
          web: { address: 203.0.113.80, servers: [a1], check: c, \(service) }
        """)
  }

  @Test(
    arguments: [
      ("interval: 2s", #"2:3: check "c" has no "type""#),
      (
        "type: ssl",
        #"2:14: "type" of check "c" must be tcp, http, https, tls, dns, icmp or command, not "ssl"; did you mean "tls"?"#
      ),
      (
        "type: ping",
        #"2:14: "type" of check "c" must be tcp, http, https, tls, dns, icmp or command, not "ping"; did you mean "icmp"?"#
      ),
      ("type: tcp, target: /", #"2:19: "target" of check "c" is for http and https, not tcp"#),
      ("type: http, server-name: a.b", #"2:20: "server-name" of check "c" is for https and tls, not http"#),
      ("type: icmp, port: 7", #"2:20: "port" of check "c" is for tcp, http, https, tls and dns, not icmp"#),
      ("type: http, answer: x", #"2:20: "answer" of check "c" is for dns, not http"#),
      (
        "type: command, command: [/bin/true], path: both",
        #"2:45: "path" of check "c" is for tcp, http, https, tls, dns and icmp, not command"#
      ),
      ("type: command", #"2:3: check "c" has no "command""#),
      ("type: dns, port: 53", #"2:3: check "c" has no "name""#),
    ])
  func `keys belong to types`(check: String, message: String) {
    #expect(found(check) == ["c.yaml:\(message)"])
  }

  @Test(
    arguments: [
      ("uri: /x", #"2:20: unknown key "uri" in check "c"; did you mean "target"?"#),
      ("sni: x", #"2:20: unknown key "sni" in check "c"; did you mean "server-name"?"#),
      ("verify-certificate: true", #"2:20: unknown key "verify-certificate" in check "c"; did you mean "verify"?"#),
      ("every: 1s", #"2:20: unknown key "every" in check "c"; did you mean "interval"?"#),
      ("unhealthy-threshold: 2", #"2:20: unknown key "unhealthy-threshold" in check "c"; did you mean "fall"?"#),
      (
        "expect: 200",
        #"2:20: unknown key "expect" in check "c": what is expected is "status" or "body" of http, "answer" of dns; did you mean "status"?"#
      ),
      (
        "path: /healthz",
        #"2:26: "path" of check "c" is the way that is tried, tunnel, direct or both: the path of a request is its "target"; did you mean "target: /healthz"?"#
      ),
    ])
  func `words of other load balancers lead to the right key`(entry: String, message: String) {
    #expect(found("type: http, \(entry)") == ["c.yaml:\(message)"])
  }

  @Test(
    arguments: [
      (
        "target: healthz",
        #"2:28: "target" of check "c" must be a path that begins with "/", of up to 1024 ASCII characters without spaces or a fragment, not "healthz"; did you mean "/healthz"?"#
      ),
      (
        "target: http://h/x",
        #"2:28: "target" of check "c" must be a path that begins with "/", of up to 1024 ASCII characters without spaces or a fragment, not "http://h/x"; did you mean "/x"?"#
      ),
      (
        "target: /é",
        #"2:28: "target" of check "c" must be a path that begins with "/", of up to 1024 ASCII characters without spaces or a fragment, not "/é""#
      ),
      (
        "status: 2xx",
        #"2:28: "status" of check "c" must be a status code from 200 to 599, or a range such as 200-299, not "2xx"; did you mean "200-299"?"#
      ),
      (
        "status: [200, 99]",
        #"2:34: status 2 of check "c" must be a status code from 200 to 599, or a range such as 200-299, not "99""#
      ),
      (
        "method: get",
        #"2:28: "method" of check "c" must be a method in capital letters, such as GET or HEAD, not "get"; did you mean "GET"?"#
      ),
      (
        "method: HEAD, body: ok",
        #"2:40: "body" of check "c" can never be found: the answer to HEAD has none (RFC 9110, 9.3.2)"#
      ),
      (
        "headers: { Host: x }",
        #"2:31: header "Host" has a key of its own: "host""#
      ),
      (
        #"headers: { "a b": x }"#,
        #"2:31: the name of header "a b" must be a token of RFC 9110: letters, digits and "-", not "a b""#
      ),
      (
        #"headers: { A: "x\r\nB: y" }"#,
        #"2:34: header "A" must be up to 1 KiB of text on one line, without control characters or spaces at its ends, not "x B: y""#
      ),
      (#"body: """#, #"2:26: "body" of check "c" must be a text of at most 1 KiB that the body contains, not """#),
      (
        "interval: 50ms",
        #"2:30: "interval" of check "c" must be a time from 100ms to 1h, such as 500ms, 2s or 1m, not "50ms""#
      ),
      (
        "interval: 2",
        #"2:30: "interval" of check "c" must be a time from 100ms to 1h, such as 500ms, 2s or 1m, not "2"; did you mean "2s"?"#
      ),
      (
        "timeout: 3s",
        #"2:29: "timeout" of check "c" is longer than its interval of 2s: a round ends before the next one begins; did you mean "2s"?"#
      ),
      ("fall: 0", #"2:26: "fall" of check "c" must be a number from 1 to 100, not "0""#),
      (
        "full-size: yes",
        #"2:31: "full-size" of check "c" must be auto, off or a number of bytes from 100 to 65535, not "yes"; did you mean "auto"?"#
      ),
      ("full-size: 99", #"2:31: "full-size" of check "c" must be a number from 100 to 65535, not "99""#),
    ])
  func `values of a check over HTTP`(entry: String, message: String) {
    #expect(found("type: http, \(entry)") == ["c.yaml:\(message)"])
  }

  @Test(
    arguments: [
      (
        "type: https, host: www.example.com, verify: true",
        #"2:52: check "c" verifies a certificate, but no "server-name" says whose it must be; did you mean "server-name: www.example.com"?"#
      ),
      (
        "type: tls, server-name: 192.0.2.1",
        #"2:32: "server-name" of check "c" must be a host name such as www.example.com, not "192.0.2.1"; addresses are not indicated"#
      ),
      (
        "type: tls, server-name: a.example.",
        #"2:32: "server-name" of check "c" must be a host name without a dot at its end, not "a.example."; did you mean "a.example"?"#
      ),
      (
        "type: dns, port: 53, name: a..b",
        #"2:35: "name" of check "c" must be a domain name such as www.example.com, not "a..b""#
      ),
      (
        "type: dns, port: 53, name: a.b, answer: x",
        #"2:48: "answer" of check "c" must be an IPv4 address, as in a record of type a, not "x""#
      ),
      (
        "type: command, command: /bin/check --fast",
        #"2:32: "command" of check "c" must be a list of the program and its arguments: no shell reads it; did you mean "[/bin/check, --fast]"?"#
      ),
      (
        "type: command, command: [check]",
        #"2:33: word 1 of "command" of check "c" must be a program's path from the root, such as /usr/local/bin/check, not "check""#
      ),
    ])
  func `values of other checks`(check: String, message: String) {
    #expect(found(check) == ["c.yaml:\(message)"])
  }

  @Test(
    arguments: [
      (
        "type: http", "port: 53, protocol: udp",
        #"6:55: check "c" (http) can never pass: it asks over tcp, and service "web" is for udp; give the check a "port" where the real servers answer it"#
      ),
      (
        "type: tls", "protocol: esp",
        #"6:55: check "c" (tls) can never pass: it asks over tcp, and service "web" is for esp; give the check a "port" where the real servers answer it"#
      ),
      (
        "type: dns, name: a.b", "port: 53",
        #"6:55: check "c" (dns) can never pass: it asks over udp, and service "web" is for tcp; give the check a "port" where the real servers answer it"#
      ),
      (
        "type: tcp", "port: 8000-8099",
        #"6:55: check "c" (tcp) needs a "port": service "web" has the ports 8000-8099, and one of them is asked; did you mean "port: 8000"?"#
      ),
      (
        "type: tcp", "port: all",
        #"6:55: check "c" (tcp) needs a "port": service "web" has the ports all, and one of them is asked; did you mean "port: 1"?"#
      ),
    ])
  func `a check that can never pass`(check: String, service: String, message: String) {
    #expect(found(check, service: service) == ["c.yaml:\(message)"])
  }

  @Test(
    arguments: [
      ("type: http, port: 8080", "port: 53, protocol: udp"), ("type: tcp, port: 80", "port: all"),
      ("type: icmp", "protocol: esp"), ("type: icmp", "port: 8000-8099"),
      ("type: command, command: [/bin/true]", "port: all, protocol: sctp"),
      ("type: dns, name: a.b", "port: 53, protocol: udp"), ("type: dns, name: ., record: ns, port: 53", "port: 80"),
      ("type: tcp, path: direct, full-size: 1400", "port: 80"), ("type: tcp, interval: 500ms", "port: 80"),
    ])
  func `a check that can pass`(check: String, service: String) {
    #expect(found(check, service: service).isEmpty)
  }

  @Test func `services name checks that there are, once`() {
    let unknown = found("type: tcp", service: "port: 80").count
    #expect(unknown == 0)
    #expect(
      found("type: tcp", service: "port: 80, checks: [c]") == [
        #"c.yaml:6:68: "checks" of service "web" is not needed besides "check": write all of them in one list"#
      ])
    let text = Example.with("servers: [a1]", "servers: [a1]\n    checks: [cc, c, c]")
    #expect(
      problems(in: "checks: { c: { type: icmp } }\n\(text)") == [
        #"c.yaml:27:14: unknown check "cc" in service "dns"; did you mean "c"?"#,
        #"c.yaml:27:21: check "c" is in service "dns" twice, first at 27:18"#,
      ])
  }

  @Test func `a check that no service names is doubtful`() throws {
    let text = "checks: { c: { type: icmp } }\n\(Example.text)"
    let warnings = try DirectorConfiguration.read(text: text, file: "c.yaml").warnings.map(\.description)
    #expect(warnings == [#"c.yaml:1:11: check "c" is named by no service"#])
  }

  @Test(
    arguments: [(4, nil), (3, "c.yaml:2:9: the health checks come to about 4 probes a second")] as [(Int, String?)])
  func `more probes than may be sent are doubtful`(limit: Int, message: String?) throws {
    let text = """
      director: { interface: eth0, probes-per-second: \(limit) }
      checks: { c: { type: tcp, interval: 1s } }
      servers: { a1: { address: 10.1.0.11 }, a2: { address: 10.1.0.12 } }
      services:
        web: { address: 203.0.113.80, port: 80, check: c, servers: [a1, a2] }
      """
    let warnings = try DirectorConfiguration.read(text: text, file: "c.yaml").warnings.map(\.description)
    #expect(warnings.count == (message == nil ? 0 : 1))
    #expect(warnings.first?.hasPrefix(message ?? "") != false)
  }
}
