// SPDX-License-Identifier: MIT
import Wire

@testable import HealthChecking

/// A server's end of a TCP connection, written after RFC 9293 and as simple as it can be: it takes a request of a known
/// length, answers, and ends the connection.
struct PeerModel {
  private let requestLength: Int
  private let response: [UInt8]
  private let initial: SequenceNumber
  private let largestPayload: Int
  private(set) var request: [UInt8] = []
  private(set) var isReset = false
  private var expected: SequenceNumber?
  private var acknowledged = 0

  init(requestLength: Int, response: [UInt8], initial: UInt32, largestPayload: Int) {
    self.requestLength = requestLength
    self.response = response
    self.initial = SequenceNumber(rawValue: initial)
    self.largestPayload = largestPayload
  }

  /// What it says to a segment.
  mutating func receive(_ segment: TCPSegment) -> [TCPSegment] {
    if segment.flags.has(.reset) {
      isReset = true
      return []
    }
    if segment.flags.has(.synchronize) {
      if expected == nil { expected = segment.sequence + 1 }
      return retransmit()
    }
    guard let expected else { return [] }
    acknowledged = max(acknowledged, segment.acknowledgement - initial)
    let known = expected - segment.sequence
    guard 0..<max(segment.payload.count, 1) ~= known, !segment.payload.isEmpty else { return [] }
    request += segment.payload.dropFirst(known)
    self.expected = expected + (segment.payload.count - known)
    return retransmit()
  }

  /// All that is not acknowledged, once more.
  func retransmit() -> [TCPSegment] {
    guard let expected, !isReset else { return [] }
    if acknowledged == 0 {
      return [
        TCPSegment(
          sequence: initial, acknowledgement: expected, flags: [.synchronize, .acknowledge],
          maximumSegmentSize: UInt16(largestPayload))
      ]
    }
    guard request.count == requestLength else {
      return [TCPSegment(sequence: initial + 1, acknowledgement: expected, flags: .acknowledge)]
    }
    return stride(from: 0, through: response.count, by: largestPayload).compactMap { start in
      let end = min(start + largestPayload, response.count)
      guard end + 1 >= acknowledged else { return nil }
      return TCPSegment(
        sequence: initial + 1 + start, acknowledgement: expected,
        flags: end == response.count ? [.acknowledge, .finish] : .acknowledge, payload: Array(response[start..<end]))
    }
  }
}
