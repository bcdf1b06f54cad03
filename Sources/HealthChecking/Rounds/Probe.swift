// SPDX-License-Identifier: MIT
import Health
import Wire

/// One question to one real server by one way: packets' payloads in and out, no I/O.
protocol Probe {
  /// Of the packets.
  var transportProtocol: TransportProtocol { get }

  /// The port that is asked; nil for questions without ports.
  var otherPort: UInt16? { get }

  /// When to call `passTime`; nil if nothing is waited for.
  var deadline: Instant? { get }

  /// What the first packets carry.
  mutating func begin(at now: Instant) -> ProbeStep

  /// Whether `payload` answers what was asked, so that only the one who was asked may send it.
  func isAnswer(_ payload: [UInt8]) -> Bool

  /// Something came that has the probe's tag, from the address and port that was asked.
  mutating func receive(_ payload: [UInt8], at now: Instant) -> ProbeStep

  /// The deadline has passed.
  mutating func passTime(to now: Instant) -> ProbeStep

  /// Ends it, whether it is done or not.
  mutating func stop() -> ProbeStep

  /// What to say where time runs out: what was heard so far.
  var progress: String { get }
}

/// What follows in a probe.
struct ProbeStep {
  /// What packets are to carry.
  var payloads: [[UInt8]] = []
  /// How it ended; nil while it goes on.
  var ending: Result<Void, CheckFailure>?
}
