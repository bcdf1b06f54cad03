// SPDX-License-Identifier: MIT
public import Wire

/// How far probes of one service came.
public struct ServiceReport: Hashable, Sendable {
  public var service: ProbedService
  /// Where the probes came from, inside of the tunnel; nil where none was sent.
  public var source: IPAddress?
  public var sizes: SizedOutcomes

  init(service: ProbedService, source: IPAddress, sizes: SizedOutcomes) {
    self.service = service
    self.source = source
    self.sizes = sizes
  }

  /// A report on a service that there is no way to, and why.
  public init(unrouted service: ProbedService, _ reason: String) {
    self.service = service
    sizes = SizedOutcomes(unrouted: reason)
  }
}
