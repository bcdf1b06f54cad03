// SPDX-License-Identifier: MIT
import Control
import Glibc

/// Waits for a real server that drains.
struct Drain {
  let name: String
  let client: ControlClient

  /// - Returns: The server when it has drained, or when time was up.
  func wait(until deadline: ContinuousClock.Instant) throws -> ServerReport {
    let progress = ProgressLine()
    defer { progress.end() }
    while true {
      let server = try client.server(name)
      let left = deadline - .now
      if server.isDrained || left <= .zero { return server }
      progress.show("\(name): \(server.leftover), waiting \(left.components.seconds) s more")
      usleep(useconds_t(min(.milliseconds(500), left) / .microseconds(1)))
    }
  }
}

extension ServerReport {
  /// Whether no flow of its may live any more, in no service.
  var isDrained: Bool { memberships.allSatisfy(\.isDrained) }

  /// `12 unsettled slots, 3 remembered flows left`
  var leftover: String {
    let slots = memberships.reduce(0) { $0 + $1.slots + $1.remainingSlots }
    let flows = memberships.reduce(0) { $0 + $1.rememberedFlows }
    return "\(Output.count(slots, "unsettled slot")) and \(Output.count(flows, "remembered flow")) left"
  }
}
