// SPDX-License-Identifier: MIT
import NIOHTTP1

/// What has a path of its own. Each has one method.
enum Resource: Hashable {
  case director
  case servers
  case server(String)
  case state(String)
  case weight(String)
  case services
  case reload
  case events

  /// By the path, percent-encoded.
  init(path: String) throws(Refusal) {
    let words = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard words.count > 2, words[0].isEmpty, words[1] == "v1" else {
      throw Refusal(.notFound, "there is no \(path.forMessages)", hint: "all paths begin with /v1/")
    }
    guard let resource = Self.named(Array(words[2...])) else {
      throw Refusal(.notFound, "there is no \(path.forMessages)", hint: "there are: \(Self.paths)")
    }
    self = resource
  }

  private static let paths = """
    /v1/director, /v1/servers, /v1/servers/NAME, /v1/servers/NAME/state, /v1/servers/NAME/weight, /v1/services, \
    /v1/reload, /v1/events
    """

  private static func named(_ words: [String]) -> Resource? {
    switch (words.count, words[0], words.last) {
    case (1, "director", _): .director
    case (1, "servers", _): .servers
    case (1, "services", _): .services
    case (1, "reload", _): .reload
    case (1, "events", _): .events
    case (2, "servers", _): words[1].percentDecoded.map { .server($0) }
    case (3, "servers", "state"): words[1].percentDecoded.map { .state($0) }
    case (3, "servers", "weight"): words[1].percentDecoded.map { .weight($0) }
    default: nil
    }
  }

  /// The one it has.
  var method: HTTPMethod {
    switch self {
    case .director, .servers, .server, .services, .events: .GET
    case .state, .weight: .PUT
    case .reload: .POST
    }
  }

  /// What a request's body may say.
  var fields: [String] {
    switch self {
    case .state: ["state", "reason"]
    case .weight: ["weight", "service", "reason"]
    case .director, .servers, .server, .services, .reload, .events: []
    }
  }
}
