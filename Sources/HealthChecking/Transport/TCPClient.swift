// SPDX-License-Identifier: MIT
import Wire

/// The moments of time-outs.
typealias Instant = ContinuousClock.Instant

/// A client's end of one TCP connection (RFC 9293): segments in, segments out, no I/O.
///
/// As little as a check needs: what comes out of order is asked for again, windows are not scaled, and the connection ends
/// by a reset, which leaves nothing behind at either end.
struct TCPClient {
  /// What has become of the connection.
  enum Event: Hashable {
    case established
    case received([UInt8])
    /// The other side will send no more.
    case ended
    /// A reset came for the SYN.
    case refused
    /// A reset came later on.
    case reset
  }

  /// Numbers and sizes that a connection starts with.
  struct Parameters: Hashable {
    /// The number of the SYN.
    var initialSequence: UInt32
    /// Bytes that one segment carries at most.
    var largestPayload: Int
    /// What the other side is told to send at most.
    var announcedPayload: UInt16
    /// Bytes of data in the SYN, which hosts ignore and answer (RFC 9293, 3.10.7.2).
    var padding = 0
    /// The first retransmission time-out; each one after it is twice as long.
    var retransmission: Duration
  }

  /// Bytes of the SYN's header, with the option in it.
  static let openingHeaderSize = TCPHeader.size + 4

  private enum Phase {
    case opening
    case established
    case closed
  }

  private let parameters: Parameters
  private var phase = Phase.opening
  private var outgoing: [TCPSegment] = []
  /// The first byte that is not acknowledged.
  private var unacknowledged: SequenceNumber
  /// What follows the last byte that was ever sent.
  private var next: SequenceNumber
  /// Bytes from `unacknowledged` on, once the connection stands.
  private var queue: [UInt8] = []
  /// The next byte that the other side is to send.
  private var expected = SequenceNumber(rawValue: 0)
  private var hasEnded = false
  private var owesAcknowledgement = false
  /// What the other side takes: at once, and in one segment.
  private var window = 0
  private var largestPayload: Int
  private var timeout: Duration
  /// When to call `retransmit`; nil while nothing is waited for.
  private(set) var deadline: Instant?

  init(_ parameters: Parameters) {
    self.parameters = parameters
    unacknowledged = SequenceNumber(rawValue: parameters.initialSequence)
    next = unacknowledged + 1
    largestPayload = parameters.largestPayload
    timeout = parameters.retransmission
  }

  /// Whether nothing has come yet for the SYN.
  var isOpening: Bool { phase == .opening }

  /// What is to be sent now; afterwards nothing is.
  mutating func takeSegments() -> [TCPSegment] {
    if owesAcknowledgement { outgoing.append(segment(.acknowledge)) }
    owesAcknowledgement = false
    defer { outgoing = [] }
    return outgoing
  }

  /// Sends the SYN.
  mutating func open(at now: Instant) {
    outgoing.append(
      TCPSegment(
        sequence: unacknowledged, flags: .synchronize, maximumSegmentSize: parameters.announcedPayload,
        payload: [UInt8](repeating: 0, count: parameters.padding)))
    deadline = now + timeout
  }

  /// Sends `bytes`, once what was sent before is on its way.
  mutating func send(_ bytes: [UInt8], at now: Instant) {
    guard phase == .established, !bytes.isEmpty else { return }
    queue += bytes
    transmit(from: next - unacknowledged, at: now)
  }

  /// The deadline has passed: sends again what was not acknowledged.
  mutating func retransmit(at now: Instant) {
    guard let deadline, deadline <= now else { return }
    timeout *= 2
    if phase == .opening { open(at: now) } else { transmit(from: 0, at: now) }
  }

  /// Ends the connection, if it is still there.
  mutating func abort() {
    if phase == .established {
      outgoing.append(segment([.reset, .acknowledge]))
      owesAcknowledgement = false
    }
    close()
  }

  private mutating func close() {
    phase = .closed
    deadline = nil
  }

  private func segment(_ flags: TCPHeader.Flags) -> TCPSegment {
    TCPSegment(sequence: next, acknowledgement: expected, flags: flags)
  }

  /// Sends what the window allows of the queue, from `offset` on.
  private mutating func transmit(from offset: Int, at now: Instant) {
    var offset = offset
    // A window of none is asked for by a byte (RFC 9293, 3.8.6.1).
    let end = min(queue.count, max(window, 1))
    while offset < end {
      let count = min(largestPayload, end - offset)
      outgoing.append(
        TCPSegment(
          sequence: unacknowledged + offset, acknowledgement: expected, flags: [.acknowledge, .push],
          payload: Array(queue[offset..<offset + count])))
      offset += count
      owesAcknowledgement = false
    }
    if unacknowledged + offset - next > 0 { next = unacknowledged + offset }
    deadline = queue.isEmpty ? nil : now + timeout
  }
}

// What comes.
extension TCPClient {
  /// Takes in a segment for this connection.
  mutating func receive(_ segment: TCPSegment, at now: Instant) -> [Event] {
    switch phase {
    case .opening: receiveOpening(segment)
    case .established: receiveEstablished(segment, at: now)
    case .closed: refuse(segment)
    }
  }

  private mutating func refuse(_ segment: TCPSegment) -> [Event] {
    if let refusal = segment.refusal { outgoing.append(refusal) }
    return []
  }

  /// Whether a segment acknowledges the SYN, with or without what is in it.
  func isAnswerToOpening(_ segment: TCPSegment) -> Bool {
    let isn = SequenceNumber(rawValue: parameters.initialSequence)
    return segment.flags.has(.acknowledge) && 1...1 + parameters.padding ~= segment.acknowledgement - isn
  }

  private mutating func receiveOpening(_ segment: TCPSegment) -> [Event] {
    guard isAnswerToOpening(segment) else { return refuse(segment) }
    if segment.flags.has(.reset) {
      close()
      return [.refused]
    }
    guard segment.flags.has(.synchronize) else { return [] }
    phase = .established
    deadline = nil
    timeout = parameters.retransmission
    unacknowledged = segment.acknowledgement
    next = segment.acknowledgement
    expected = segment.sequence + 1
    window = Int(segment.window)
    largestPayload = min(largestPayload, max(Int(segment.maximumSegmentSize ?? Self.defaultPayload), 1))
    owesAcknowledgement = true
    return [.established]
  }

  /// What hosts take that say nothing of it (RFC 9293, 3.7.1).
  private static let defaultPayload: UInt16 = 536

  private mutating func receiveEstablished(_ segment: TCPSegment, at now: Instant) -> [Event] {
    if segment.flags.has(.reset) {
      // Of any other number it may be a stranger's (RFC 5961, 3.2).
      guard segment.sequence == expected else { return [] }
      close()
      return [.reset]
    }
    if segment.flags.has(.synchronize) {
      owesAcknowledgement = true
      return []
    }
    guard segment.flags.has(.acknowledge), segment.acknowledgement - next <= 0 else {
      owesAcknowledgement = true
      return []
    }
    acknowledge(segment, at: now)
    return accept(segment)
  }

  private mutating func acknowledge(_ segment: TCPSegment, at now: Instant) {
    window = Int(segment.window)
    let count = segment.acknowledgement - unacknowledged
    guard count > 0, count <= queue.count else { return }
    queue.removeFirst(count)
    unacknowledged += count
    timeout = parameters.retransmission
    transmit(from: next - unacknowledged, at: now)
  }

  private mutating func accept(_ segment: TCPSegment) -> [Event] {
    let isLast = segment.flags.has(.finish)
    guard !segment.payload.isEmpty || isLast else { return [] }
    owesAcknowledgement = true
    let known = expected - segment.sequence
    guard 0...segment.payload.count ~= known, !hasEnded else { return [] }
    let fresh = Array(segment.payload.dropFirst(known))
    expected += fresh.count + (isLast ? 1 : 0)
    hasEnded = isLast
    return (fresh.isEmpty ? [] : [.received(fresh)]) + (isLast ? [.ended] : [])
  }
}

extension TCPSegment {
  /// What a host says to it that has no such connection (RFC 9293, 3.10.7.1); nil for nothing.
  var refusal: TCPSegment? {
    guard flags.has(.acknowledge), !flags.has(.reset) else { return nil }
    return TCPSegment(sequence: acknowledgement, flags: .reset)
  }
}

extension TCPHeader.Flags {
  fileprivate static var push: Self { Self(rawValue: 0x08) }
}
