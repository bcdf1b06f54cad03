// SPDX-License-Identifier: MIT
import TestSupport
import Wire

@testable import HealthChecking

/// A client and a peer, and between them a network that loses, doubles and reorders.
struct TCPSimulation {
  private var random: SplitMix64
  private var client: TCPClient
  private(set) var peer: PeerModel
  private let request: [UInt8]
  private var network = Deadlines<Delivery>()
  private var now = Instant.now
  /// What the client has heard.
  private(set) var received: [UInt8] = []
  private(set) var events: [TCPClient.Event] = []

  private enum Delivery {
    case toClient(TCPSegment)
    case toPeer(TCPSegment)
    case peerTimeout
  }

  init(seed: UInt64, request: [UInt8], response: [UInt8]) {
    random = SplitMix64(seed: seed)
    self.request = request
    client = TCPClient(
      TCPClient.Parameters(
        initialSequence: UInt32(truncatingIfNeeded: random.next()), largestPayload: 100 + random.below(1300),
        announcedPayload: 1460, retransmission: .milliseconds(100)))
    peer = PeerModel(
      requestLength: request.count, response: response, initial: UInt32(truncatingIfNeeded: random.next()),
      largestPayload: 100 + random.below(1300))
  }

  /// Goes on until the other side has ended the connection and knows that the client has too; false where that takes
  /// ten minutes and more.
  mutating func run() -> Bool {
    let end = now + .seconds(600)
    client.open(at: now)
    flush()
    network.add(.peerTimeout, at: now + .milliseconds(100))
    while now < end, !peer.isReset { step() }
    return peer.isReset
  }

  private mutating func step() {
    let next = [client.deadline, network.first].compactMap(\.self).min() ?? now
    now = max(now, next)
    client.retransmit(at: now)
    flush()
    guard let delivery = network.next(dueAt: now)?.element else { return }
    switch delivery {
    case .toClient(let segment): receive(segment)
    case .toPeer(let segment): for answer in peer.receive(segment) { send(.toClient(answer)) }
    case .peerTimeout:
      for answer in peer.retransmit() { send(.toClient(answer)) }
      network.add(.peerTimeout, at: now + .milliseconds(100))
    }
  }

  private mutating func receive(_ segment: TCPSegment) {
    for event in client.receive(segment, at: now) {
      events.append(event)
      switch event {
      case .established: client.send(request, at: now)
      case .received(let bytes): received += bytes
      case .ended: client.abort()
      case .refused, .reset: break
      }
    }
    flush()
  }

  private mutating func flush() {
    for segment in client.takeSegments() { send(.toPeer(segment)) }
  }

  /// One in five is lost, one in five comes twice; each takes its own time.
  private mutating func send(_ delivery: Delivery) {
    let fate = random.below(5)
    for _ in 0..<(fate == 0 ? 0 : fate == 1 ? 2 : 1) {
      network.add(delivery, at: now + .microseconds(random.below(30_000)))
    }
  }
}
