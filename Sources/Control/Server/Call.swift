// SPDX-License-Identifier: MIT
import NIOHTTP1

/// What a client's request comes to.
enum Call: Hashable {
  /// The director is asked.
  case ask(ControlRequest)
  /// It wants to be told of events.
  case watch

  init(_ method: HTTPMethod, _ path: String, body: [UInt8]) throws(Refusal) {
    let resource = try Resource(path: path)
    guard method == resource.method else {
      throw Refusal(
        .methodNotAllowed, "\(method.rawValue.forMessages) is not for \(path.forMessages)",
        hint: "use \(resource.method)", allowed: resource.method)
    }
    self = try Self.call(resource, RequestBody(body, fields: resource.fields))
  }

  private static func call(_ resource: Resource, _ body: RequestBody) throws(Refusal) -> Call {
    switch resource {
    case .director: .ask(.director)
    case .servers: .ask(.servers)
    case .server(let name): .ask(.server(name))
    case .services: .ask(.services)
    case .reload: .ask(.reload)
    case .events: .watch
    case .state(let server): .ask(.setState(server: server, try body.state(), reason: try body.reason()))
    case .weight(let server):
      .ask(
        .setWeight(
          server: server, service: try body.text("service"), try body.weight(), reason: try body.reason()))
    }
  }
}
