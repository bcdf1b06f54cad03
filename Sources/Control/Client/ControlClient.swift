// SPDX-License-Identifier: MIT
public import Health
public import SystemPackage

/// Talks to a director at its socket. Every call waits for its answer, 15 seconds at most.
public struct ControlClient: Sendable {
  private let path: FilePath

  /// Does nothing yet: whether a director answers, the first call finds out.
  public init(at path: FilePath) {
    self.path = path
  }

  public func director() throws(ControlError) -> DirectorReport { try ask("GET", "/director") }

  public func servers() throws(ControlError) -> [ServerReport] {
    let report: ServersReport = try ask("GET", "/servers")
    return report.servers
  }

  public func server(_ name: String) throws(ControlError) -> ServerReport { try ask("GET", Self.path(of: name)) }

  public func services() throws(ControlError) -> [ServiceReport] {
    let report: ServicesReport = try ask("GET", "/services")
    return report.services
  }

  /// nil: ready, what the configuration says.
  public func setState(of server: String, to state: ServerOverride.State?, reason: String) throws(ControlError) {
    let body = StateBody(state: state?.rawValue ?? "ready", reason: reason)
    try order("PUT", Self.path(of: server) + "/state", body)
  }

  /// In one service, or in all; nil for the configuration's weight.
  public func setWeight(
    of server: String, in service: String?, to weight: Int?, reason: String
  ) throws(ControlError) {
    try order(
      "PUT", Self.path(of: server) + "/weight", WeightBody(weight: weight, service: service, reason: reason))
  }

  /// Has the configuration's file read again.
  public func reload() throws(ControlError) {
    _ = try answer(HTTPRequest("POST", "/v1/reload"))
  }

  /// Hands over events as they happen, until `body` gives false, or until the deadline.
  ///
  /// - Throws: What `body` throws, or ``ControlError`` if the director ends the connection.
  public func watch(
    until deadline: ContinuousClock.Instant? = nil, _ body: (ControlEvent) throws -> Bool
  ) throws {
    var connection = try ClientConnection(to: path, HTTPRequest("GET", "/v1/events"))
    try Self.check(try connection.head(), body: { () throws(ControlError) in try connection.rest() })
    while let line = try connection.line(until: deadline) {
      guard try body(try decoded(line)) else { return }
    }
  }
}

// Requests and answers.
extension ControlClient {
  private struct StateBody: Encodable {
    let state: String
    let reason: String
  }

  private struct WeightBody: Encodable {
    let weight: Int?
    let service: String?
    let reason: String

    /// A weight that is not there is a mistake; null is the configuration's.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(weight, forKey: .weight)
      try container.encodeIfPresent(service, forKey: .service)
      try container.encode(reason, forKey: .reason)
    }

    private enum Keys: CodingKey {
      case weight, service, reason
    }
  }

  private static func path(of server: String) -> String { "/servers/\(server.percentEncoded)" }

  private func ask<Report: Decodable>(_ method: String, _ path: String) throws(ControlError) -> Report {
    try decoded(try answer(HTTPRequest(method, "/v1\(path)")))
  }

  private func order(_ method: String, _ path: String, _ body: some Encodable) throws(ControlError) {
    _ = try answer(HTTPRequest(method, "/v1\(path)", body: (try? JSON.line(body)) ?? []))
  }

  private func answer(_ request: HTTPRequest) throws(ControlError) -> [UInt8] {
    var connection = try ClientConnection(to: path, request)
    let head = try connection.head()
    let body = try connection.rest()
    try Self.check(head) { () throws(ControlError) in body }
    return body
  }

  private static func check(
    _ status: Int, body: () throws(ControlError) -> [UInt8]
  ) throws(ControlError) {
    guard status >= 300 else { return }
    guard let report = try? JSON.value(ErrorReport.self, from: try body()) else {
      throw ControlError("the director answered with status \(status) and said no more")
    }
    throw ControlError(report.error + (report.hint.map { " (\($0))" } ?? ""))
  }

  private func decoded<Report: Decodable>(_ body: [UInt8]) throws(ControlError) -> Report {
    do {
      return try JSON.value(Report.self, from: body)
    } catch {
      throw ControlError(
        "the director at \(path) said what this program does not understand: is it of the same version?")
    }
  }
}
