// SPDX-License-Identifier: MIT
import NIOHTTP1

/// What goes back to a client: a status, and a line of JSON.
struct Answer {
  var status: HTTPResponseStatus
  /// Empty where there is nothing to say.
  var body: [UInt8]
  /// The method that the resource has, where another one was used.
  var allowed: HTTPMethod?
}

/// A request that is not passed on to the director, and what it should have been.
struct Refusal: Error, Equatable {
  var status: HTTPResponseStatus
  var error: String
  var hint: String?
  var allowed: HTTPMethod?

  init(_ status: HTTPResponseStatus, _ error: String, hint: String? = nil, allowed: HTTPMethod? = nil) {
    self.status = status
    self.error = error
    self.hint = hint
    self.allowed = allowed
  }
}

extension Answer {
  init(_ refusal: Refusal) {
    let report = ErrorReport(error: refusal.error, hint: refusal.hint)
    self.init(status: refusal.status, body: (try? JSON.line(report)) ?? [], allowed: refusal.allowed)
  }

  init(_ response: ControlResponse) {
    do {
      self = try Self.good(response)
    } catch let refusal as Refusal {
      self.init(refusal)
    } catch {
      self.init(Refusal(.internalServerError, "the answer cannot be written as JSON: \(error)"))
    }
  }

  private static func good(_ response: ControlResponse) throws -> Answer {
    switch response {
    case .director(let report): Answer(status: .ok, body: try JSON.line(report))
    case .servers(let reports): Answer(status: .ok, body: try JSON.line(ServersReport(servers: reports)))
    case .server(let report): Answer(status: .ok, body: try JSON.line(report))
    case .services(let reports): Answer(status: .ok, body: try JSON.line(ServicesReport(services: reports)))
    case .done: Answer(status: .noContent, body: [])
    case .notFound(let text): throw Refusal(.notFound, text)
    case .refused(let text): throw Refusal(.conflict, text)
    }
  }
}
