// SPDX-License-Identifier: MIT
import Health
import Testing

@testable import Control

@Suite struct `Requests to a director` {
  @Test(arguments: [
    ("GET", "/v1/director", "", ControlRequest.director),
    ("GET", "/v1/servers", "", .servers),
    ("GET", "/v1/servers/a1", "", .server("a1")),
    ("GET", "/v1/servers/a%2e1", "", .server("a.1")),
    ("GET", "/v1/services", "{}", .services),
    ("POST", "/v1/reload", "", .reload),
    (
      "PUT", "/v1/servers/a1/state", #"{"state":"drain","reason":"kernel upgrade"}"#,
      .setState(server: "a1", .drain, reason: "kernel upgrade")
    ),
    ("PUT", "/v1/servers/a1/state", #"{"state":"maintenance"}"#, .setState(server: "a1", .maintenance, reason: "")),
    ("PUT", "/v1/servers/a1/state", #"{"state":"ready"}"#, .setState(server: "a1", nil, reason: "")),
    (
      "PUT", "/v1/servers/a1/weight", #"{"weight":5,"service":"web","reason":"new disks"}"#,
      .setWeight(server: "a1", service: "web", 5, reason: "new disks")
    ),
    (
      "PUT", "/v1/servers/a1/weight", #"{"weight":65535,"service":null}"#,
      .setWeight(server: "a1", service: nil, 65_535, reason: "")
    ),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":null}"#, .setWeight(server: "a1", service: nil, nil, reason: "")),
  ])
  func `reach it`(_ method: String, _ path: String, _ body: String, _ request: ControlRequest) throws {
    let scene = try Scene()
    let reply = try scene.reply(method, path, body)
    #expect(scene.asked.requests == [request])
    #expect(reply.headers.contains("Connection: close"))
  }

  @Test(arguments: [
    ("GET", "/v1/director", "{\"configurationFile\":\"/etc/culvert.yaml\",\"engine\":\"kernel\""),
    ("GET", "/v1/servers", "{\"servers\":[{\"address\":\"10.1.0.11\""),
    ("GET", "/v1/servers/a1", "{\"address\":\"10.1.0.11\",\"checks\":["),
    ("GET", "/v1/services", "{\"services\":[{\"name\":\"web\""),
  ])
  func `are answered in JSON`(_ method: String, _ path: String, _ beginning: String) throws {
    let reply = try Scene().reply(method, path)
    #expect(reply.status == "HTTP/1.1 200 OK")
    #expect(reply.headers.contains("Content-Type: application/json"))
    #expect(reply.body.hasPrefix(beginning))
    #expect(reply.body.hasSuffix("}\n"))
  }

  @Test func `that change something are answered without a body`() throws {
    let reply = try Scene().reply("POST", "/v1/reload")
    #expect(reply.status == "HTTP/1.1 204 No Content")
    #expect(reply.body == "")
  }

  /// Method, path, body; status, error, hint.
  static let mistakes: [(String, String, String, String, String)] = [
    ("GET", "/", "", "404 Not Found", "there is no /"),
    ("GET", "/v2/servers", "", "404 Not Found", "all paths begin with /v1/"),
    ("GET", "/servers", "", "404 Not Found", "there is no /servers"),
    ("GET", "/v1/serves", "", "404 Not Found", "there are: /v1/director"),
    ("GET", "/v1/servers/", "", "404 Not Found", "there is no server"),
    ("GET", "/v1/servers/b1", "", "404 Not Found", #"did you mean \"a1\"?"#),
    ("GET", "/v1/servers?site=A", "", "404 Not Found", "there is no /v1/servers?site=A"),
    ("GET", "/v1/servers/%zz", "", "404 Not Found", "there is no /v1/servers/%zz"),
    ("DELETE", "/v1/servers", "", "405 Method Not Allowed", "DELETE is not for /v1/servers"),
    ("POST", "/v1/servers/a1/state", "{}", "405 Method Not Allowed", "use PUT"),
    ("HEAD", "/v1/reload", "", "405 Method Not Allowed", ""),
    ("GET", "/v1/servers", "[]", "400 Bad Request", "this request has no body"),
    ("POST", "/v1/reload", #"{"force":true}"#, "400 Bad Request", #"unknown field \"force\""#),
    ("PUT", "/v1/servers/a1/state", "", "400 Bad Request", #"\"state\" is missing"#),
    ("PUT", "/v1/servers/a1/state", "drain", "400 Bad Request", "the body is not a JSON object"),
    ("PUT", "/v1/servers/a1/state", #"{"state":"darin"}"#, "400 Bad Request", #"no state \"darin\""#),
    ("PUT", "/v1/servers/a1/state", #"{"state":1}"#, "400 Bad Request", #"\"state\" is not a text"#),
    ("PUT", "/v1/servers/a1/state", #"{"stat":"drain"}"#, "400 Bad Request", "it may have: state, reason"),
    (
      "PUT", "/v1/servers/a1/state", #"{"state":"drain","reason":"a\u001b[2Jb"}"#, "400 Bad Request",
      #"\"reason\" is not one line"#
    ),
    ("PUT", "/v1/servers/busy/state", #"{"state":"drain"}"#, "409 Conflict", "busy is the last one up"),
    ("PUT", "/v1/servers/a1/weight", "{}", "400 Bad Request", #"\"weight\" is missing"#),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":0}"#, "400 Bad Request", "1 to 65535"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":65536}"#, "400 Bad Request", "1 to 65535"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":2.5}"#, "400 Bad Request", "1 to 65535"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":1e999}"#, "400 Bad Request", "this is no weight"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":"5"}"#, "400 Bad Request", "this is no weight"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":true}"#, "400 Bad Request", "this is no weight"),
    ("PUT", "/v1/servers/a1/weight", #"{"weight":5,"service":7}"#, "400 Bad Request", #"\"service\" is not a text"#),
  ]

  @Test(arguments: mistakes)
  func `with mistakes are answered with what to do`(
    _ method: String, _ path: String, _ body: String, _ status: String, _ text: String
  ) throws {
    let reply = try Scene().reply(method, path, body)
    #expect(reply.status == "HTTP/1.1 \(status)")
    if method != "HEAD" { #expect(reply.body.hasPrefix(#"{"error":""#)) }
    #expect(reply.body.contains(text), "\(reply.body)")
  }

  @Test func `say which method they should have had`() throws {
    let reply = try Scene().reply("GET", "/v1/reload")
    #expect(reply.headers.contains("Allow: POST"))
  }

  @Test func `come with the user who asks`() throws {
    let scene = try Scene()
    _ = try scene.reply("GET", "/v1/servers")
    #expect(scene.asked.peers == [ControlPeer(user: ControlPeer.own)])
  }

  @Test func `come with a number where the user has no name`() {
    #expect(ControlPeer(user: 4_000_000_000).name == "4000000000")
    #expect(ControlPeer(user: 0).name == "root")
  }
}
