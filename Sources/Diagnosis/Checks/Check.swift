// SPDX-License-Identifier: MIT

/// One thing that is looked at on a real server.
struct Check: Sendable {
  let name: CheckName
  /// Checks whose failure makes this one fail as well: then only they are named.
  let causes: Set<CheckName>
  let examine: @Sendable (Case) -> Observation
}

/// What a real server is to be like, and how it is.
struct Case: Sendable {
  var expectation: Expectation
  var picture: HostPicture
}

/// What a check makes of a case.
enum Observation: Hashable, Sendable {
  case ok(String)
  case failed(String, why: String, mend: Mend?)
  case warning(String, why: String, mend: Mend?)
  /// It does not apply; the sentence says why.
  case skipped(String)
}

extension Check {
  /// All checks in the order of their names: causes before what follows from them.
  static let all: [Check] =
    (HostChecks.all + DeviceChecks.all + AddressChecks.all + ServiceChecks.all + RoutingChecks.all + FilterChecks.all
    + ExposureChecks.all).sorted { $0.name.number < $1.name.number }

  init(_ name: CheckName, after causes: Set<CheckName> = [], _ examine: @escaping @Sendable (Case) -> Observation) {
    self.init(name: name, causes: causes, examine: examine)
  }
}
