// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import HealthChecking

/// The client's end of TCP, without a network.
struct TCPClientTests {
  private static let parameters = TCPClient.Parameters(
    initialSequence: 0xFFFF_FFF0, largestPayload: 1000, announcedPayload: 1460, retransmission: .milliseconds(100))
  private let now = Instant.now

  /// A client that has sent its SYN.
  private func opening(padding: Int = 0) -> TCPClient {
    var parameters = Self.parameters
    parameters.padding = padding
    var client = TCPClient(parameters)
    client.open(at: now)
    let sent = client.takeSegments()
    #expect(sent.map(\.flags) == [.synchronize])
    return client
  }

  private func answer(
    _ flags: TCPHeader.Flags, acknowledging count: Int = 1, sequence: UInt32 = 5000, payload: [UInt8] = []
  ) -> TCPSegment {
    let acknowledgement = SequenceNumber(rawValue: Self.parameters.initialSequence) + count
    return TCPSegment(
      sequence: SequenceNumber(rawValue: sequence), acknowledgement: acknowledgement, flags: flags,
      maximumSegmentSize: flags.has(.synchronize) ? 600 : nil, payload: payload)
  }

  /// A client whose SYN was answered.
  private func established() -> TCPClient {
    var client = opening()
    #expect(client.receive(answer([.synchronize, .acknowledge]), at: now) == [.established])
    #expect(client.takeSegments().map(\.flags) == [.acknowledge])
    return client
  }

  @Test(arguments: 0..<100)
  func `all arrives whole and in order, whatever the network does`(_ run: Int) {
    let seed = SplitMix64.freshSeed() &+ UInt64(run)
    var random = SplitMix64(seed: seed)
    let request = (0..<1 + random.below(4000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let response = (0..<random.below(5000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var simulation = TCPSimulation(seed: seed, request: request, response: response)
    let hasEnded = simulation.run()
    #expect(hasEnded, "seed \(seed)")
    #expect(simulation.peer.request == request, "seed \(seed)")
    #expect(simulation.received == response, "seed \(seed)")
    #expect(simulation.events.first == .established && simulation.events.last == .ended, "seed \(seed)")
  }

  @Test func `a SYN is sent again, each time after twice as long`() {
    var client = opening()
    var sent: [Duration] = []
    while sent.count < 4, let deadline = client.deadline {
      client.retransmit(at: deadline - .nanoseconds(1))
      #expect(client.takeSegments() == [])
      client.retransmit(at: deadline)
      sent.append(deadline - now)
      #expect(client.takeSegments().map(\.sequence.rawValue) == [Self.parameters.initialSequence])
    }
    #expect(sent == [100, 300, 700, 1500].map { .milliseconds($0) })
  }

  @Test func `a reset for the SYN refuses, if it acknowledges it`() {
    var client = opening(padding: 100)
    #expect(client.receive(answer(.reset), at: now) == [])
    #expect(client.receive(answer([.reset, .acknowledge], acknowledging: 102), at: now) == [])
    #expect(client.receive(answer([.reset, .acknowledge], acknowledging: 101), at: now) == [.refused])
    #expect(client.takeSegments() == [] && client.deadline == nil)
  }

  @Test func `a connection that the server remembers from before is reset`() {
    var client = opening()
    #expect(client.receive(answer(.acknowledge, acknowledging: 7777), at: now) == [])
    let reset = client.takeSegments()
    #expect(reset.map(\.flags) == [.reset])
    #expect(reset.first?.sequence == SequenceNumber(rawValue: Self.parameters.initialSequence) + 7777)
    #expect(client.receive(answer([.synchronize, .acknowledge]), at: now) == [.established])
  }

  @Test func `segments are no larger than either side allows`() {
    var client = established()
    client.send([UInt8](repeating: 1, count: 1500), at: now)
    #expect(client.takeSegments().map(\.payload.count) == [600, 600, 300])
  }

  @Test func `no more is sent than the other side has room for`() {
    var client = established()
    var full = answer(.acknowledge, sequence: 5001)
    full.window = 100
    _ = client.receive(full, at: now)
    client.send([UInt8](repeating: 1, count: 150), at: now)
    #expect(client.takeSegments().map(\.payload.count) == [100])
    var more = answer(.acknowledge, acknowledging: 101, sequence: 5001)
    more.window = 100
    _ = client.receive(more, at: now)
    #expect(client.takeSegments().map(\.payload.count) == [50])
  }

  @Test func `a reset counts only if its number is the expected one`() {
    var client = established()
    #expect(client.receive(answer(.reset, sequence: 5002), at: now) == [])
    #expect(client.receive(answer(.reset, sequence: 5001), at: now) == [.reset])
  }

  @Test func `it ends by a reset, and refuses what comes afterwards`() {
    var client = established()
    client.abort()
    #expect(client.takeSegments().map(\.flags) == [[.reset, .acknowledge]])
    #expect(client.receive(answer(.acknowledge, sequence: 5001), at: now) == [])
    #expect(client.takeSegments().map(\.flags) == [.reset])
  }

  @Test(
    arguments: [
      ([2, 4, 5, 180], 1460), ([1, 1, 2, 4, 2, 88], 600), ([3, 3, 7, 2, 4, 2, 88, 0], 600), ([0, 0, 2, 4, 2, 88], nil),
      ([2, 0, 5, 180], nil), ([2], nil), ([3, 9, 2, 4], nil), ([2, 3, 5, 1], nil),
    ] as [([UInt8], UInt16?)])
  func `the largest segment is read from the options`(_ options: [UInt8], is size: UInt16?) throws {
    let padded = options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
    var bytes = TCPSegment(sequence: SequenceNumber(rawValue: 1), flags: .synchronize).bytes(from: 1, to: 2)
    bytes[12] = UInt8((bytes.count + padded.count) / 4) << 4
    #expect(try #require(TCPSegment(parsing: bytes + padded)).maximumSegmentSize == size)
  }

  @Test func `a segment that is cut short, or lies about its header, is none`() {
    let bytes = TCPSegment(sequence: SequenceNumber(rawValue: 1), flags: .synchronize).bytes(from: 1, to: 2)
    for count in 0..<20 { #expect(TCPSegment(parsing: Array(bytes.prefix(count))) == nil) }
    for length in [0, 4, 6, 15] as [UInt8] {
      var liar = bytes
      liar[12] = length << 4
      #expect(TCPSegment(parsing: liar) == nil)
    }
  }
}
