// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Probing
import Wire

/// What `check server` found, for people and programs; docs/checks.md describes the keys.
struct ServerCheck: Encodable {
  let server: String
  let address: String
  let encapsulation: String
  let isGood: Bool
  let services: [Entry]

  struct Entry: Encodable {
    let service: String
    let address: String
    let port: UInt16?
    let `protocol`: String
    let source: String?
    let isGood: Bool
    let stage: String
    let small: SizeEntry
    let full: SizeEntry?
    let largest: Int?
    let sentence: String

    /// What is asked, such as `203.0.113.80:80 tcp`.
    fileprivate var subject: String {
      guard let port, let address = IPAddress(address) else { return "\(address) \(`protocol`)" }
      return "\(Endpoint(address: address, port: port)) \(`protocol`)"
    }
  }

  init(_ server: RealServer, _ reports: [ServiceReport]) {
    self.server = server.name
    address = "\(server.address)"
    encapsulation = server.outer.name
    isGood = reports.allSatisfy(\.sizes.isGood)
    let probed = ProbedServer(name: server.name, address: server.address, outer: server.outer)
    services = reports.map { Entry($0, probed) }
  }

  /// A line for each service.
  var text: String {
    services.map { "\(server), service \($0.service) (\($0.subject)): \($0.sentence)" }.joined(separator: "\n")
  }
}

extension ServerCheck.Entry {
  init(_ report: ServiceReport, _ server: ProbedServer) {
    let (service, sizes) = (report.service, report.sizes)
    self.init(
      service: service.name, address: "\(service.virtualAddress)",
      port: service.transportProtocol.hasPorts ? service.port : nil, protocol: service.transportProtocol.name,
      source: report.source.map { "\($0)" }, isGood: sizes.isGood, stage: "\(sizes.small.outcome.stage)",
      small: SizeEntry(sizes.small), full: sizes.full.map(SizeEntry.init), largest: sizes.largest,
      sentence: report.sentence(server))
  }
}
