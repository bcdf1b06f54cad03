// SPDX-License-Identifier: MIT
public import Wire

/// Makes frames without end: packets for `services`, packets that narrowly are not, damaged ones and plain noise.
///
/// The same seed gives the same frames on every machine, so print it: a failure comes back with it. Clients and their
/// ports are few, so that flows recur. Checksums are right wherever the frame was not damaged on purpose.
///
///     let seed = SplitMix64.freshSeed()
///     var generator = PacketGenerator(seed: seed, services: [("203.0.113.80", 80, .tcp)])
///     let frame = generator.next()
public struct PacketGenerator: Sendable {
  public typealias Service = (address: IPv4Address, port: UInt16, protocol: TransportProtocol)

  /// The most bytes that a frame has.
  public static var largestFrame: Int { FrameCanvas.largestFrame }

  /// The fewest bytes that a frame has; `BPF_PROG_TEST_RUN` refuses fewer than an Ethernet header's 14.
  public var shortestFrame = 0

  private let services: [Service]
  private let canvas: FrameCanvas
  private var random: SplitMix64

  /// `services` has at least one TCP or UDP service.
  public init(seed: UInt64, services: [Service]) {
    precondition(!services.isEmpty, "there is nothing to make packets for")
    self.services = services
    self.random = SplitMix64(seed: seed)
    self.canvas = FrameCanvas(using: &random)
  }

  /// The next frame.
  public mutating func next() -> [UInt8] {
    Array(unsafeUninitializedCapacity: Self.largestFrame) { buffer, count in
      count = fill(UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Writes the next frame at the start of `buffer`, which has room for `largestFrame` bytes; gives its length.
  ///
  /// What stands behind the frame afterwards means nothing.
  public mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    precondition(buffer.count >= Self.largestFrame, "a frame takes up to \(Self.largestFrame) bytes")
    let kind = Kind.all[random.below(Kind.all.count)]
    var frame = plausibleFrame()
    distort(&frame, kind)
    let count = canvas.write(frame, to: buffer)
    return max(shortestFrame, damage(buffer, count, kind))
  }
}

extension PacketGenerator {
  /// What is the matter with a frame.
  private enum Kind {
    case valid, nearMiss, options, padding, fragment
    case headerLengthLie, totalLengthLie, otherProtocol, otherNetworkProtocol, encapsulated
    case truncated, flippedBits, noise

    /// Each as often as it stands here.
    static let all: [Kind] = [
      (valid, 22), (nearMiss, 9), (options, 6), (padding, 5), (fragment, 3),
      (headerLengthLie, 3), (totalLengthLie, 4), (otherProtocol, 2), (otherNetworkProtocol, 1), (encapsulated, 1),
      (truncated, 3), (flippedBits, 4), (noise, 1),
    ].flatMap { Array(repeating: $0.0, count: $0.1) }
  }

  /// A packet from a client to a service.
  private mutating func plausibleFrame() -> FrameFields {
    let service = services[random.below(services.count)]
    let dice = random.next()
    let strange = dice & 7 == 0
    return FrameFields(
      trafficClass: dice & 0x30 == 0 ? UInt8(truncatingIfNeeded: dice >> 8) : 0,
      identification: UInt16(truncatingIfNeeded: dice >> 16),
      fragment: dice & 0x40 == 0 ? 0x4000 : 0,
      timeToLive: UInt8(truncatingIfNeeded: dice >> 32),
      transportProtocol: service.protocol.rawValue,
      source: strange ? UInt32(truncatingIfNeeded: dice >> 32) : 0xC633_6400 | UInt32(dice >> 40 & 0xFF),
      destination: service.address.bits,
      sourcePort: strange ? UInt16(truncatingIfNeeded: dice >> 24) : 1024 | UInt16(dice >> 48 & 0x3F),
      destinationPort: service.port,
      flags: tcpFlags(dice >> 56),
      payloadLength: payloadLength())
  }

  private func tcpFlags(_ dice: UInt64) -> UInt8 {
    switch dice & 7 {
    case 0, 1: 0x02
    case 2, 3, 4: 0x10
    case 5: 0x12
    case 6: 0x11
    default: UInt8(truncatingIfNeeded: dice)
    }
  }

  /// Mostly little; sometimes about as much as a link or a tunnel carries.
  private mutating func payloadLength() -> Int {
    switch random.below(32) {
    case 0..<16: 0
    case 16..<30: random.below(64)
    case 30: 1420 + random.below(FrameCanvas.largestPayload - 1420 + 1)
    default: random.below(FrameCanvas.largestPayload + 1)
    }
  }

  /// Says something else in the headers.
  private mutating func distort(_ frame: inout FrameFields, _ kind: Kind) {
    let dice = random.next()
    switch kind {
    case .valid, .truncated, .flippedBits, .noise: break
    case .nearMiss: missNarrowly(&frame, dice)
    case .options: frame.optionsLength = 4 * (1 + Int(dice % 10))
    case .padding: frame.padding = 1 + Int(dice & 0x3F)
    case .fragment: frame.fragment = UInt16(truncatingIfNeeded: dice) & (dice & 0x10000 == 0 ? 0xFFFF : 0x2000)
    case .headerLengthLie: frame.versionAndLength = 0x40 | UInt8(dice & 0xF)
    case .totalLengthLie: frame.totalLengthError = dice & 1 == 0 ? Int(dice >> 1 & 0x7F) - 64 : Int(dice >> 48)
    case .otherProtocol: frame.transportProtocol = UInt8(truncatingIfNeeded: dice)
    case .otherNetworkProtocol:
      frame.type = [0x86DD, 0x0806, 0x8100, UInt16(truncatingIfNeeded: dice >> 32)][Int(dice & 3)]
      frame.versionAndLength = UInt8(truncatingIfNeeded: dice >> 8)
    case .encapsulated: frame.transportProtocol = dice & 1 == 0 ? 4 : 47
    }
  }

  /// One bit of the service's key is wrong, or the protocol is the other one.
  private func missNarrowly(_ frame: inout FrameFields, _ dice: UInt64) {
    switch dice & 3 {
    case 0: frame.destinationPort ^= 1 << UInt16(dice >> 8 & 15)
    case 1: frame.destination ^= 1 << UInt32(dice >> 8 & 31)
    case 2: frame.transportProtocol ^= 6 ^ 17
    default: swap(&frame.sourcePort, &frame.destinationPort)
    }
  }

  /// Damages the finished frame of `count` bytes; gives its length afterwards.
  private mutating func damage(_ frame: UnsafeMutableRawBufferPointer, _ count: Int, _ kind: Kind) -> Int {
    switch kind {
    case .truncated: return random.below(count)
    case .flippedBits:
      for _ in 0...random.below(4) {
        // Where there is something to go wrong: in the headers.
        frame[random.below(min(count, 54))] ^= 1 << UInt8(truncatingIfNeeded: random.below(8))
      }
      return count
    case .noise:
      let length = random.below(128)
      let start = random.below(2) == 0 ? 0 : 14
      for index in stride(from: start, to: length, by: 1) { frame[index] = UInt8(truncatingIfNeeded: random.next()) }
      return length
    default: return count
    }
  }
}
