// SPDX-License-Identifier: MIT
import Glibc
public import Wire

/// Makes frames without end: packets for `services` of both families, packets that narrowly are not, what routers and
/// attackers send to a virtual address, damaged packets and plain noise. ``Kind`` lists them.
///
/// The same seed gives the same frames on every machine, so print it: a failure comes back with it. Clients and their
/// ports are few, so that flows recur; so are the datagrams that come in fragments. Checksums are right wherever the
/// frame was not damaged on purpose.
///
///     let seed = SplitMix64.freshSeed()
///     var generator = PacketGenerator(seed: seed, services: [(.v4("203.0.113.80"), 80, .tcp)])
///     let frame = generator.next()
public struct PacketGenerator: Sendable {
  /// A virtual address, and port 0 for a protocol that has none.
  public typealias Service = (address: IPAddress, port: UInt16, protocol: TransportProtocol)

  /// How many packets a test compares that would go on without end: a million, or as many as `CULVERT_PACKETS` says.
  public static let packetCount = getenv("CULVERT_PACKETS").flatMap { Int(String(cString: $0)) } ?? 1_000_000

  /// The most bytes that a frame has.
  public static var largestFrame: Int { FrameCanvas.largestFrame }

  /// The fewest bytes that a frame has; `BPF_PROG_TEST_RUN` refuses fewer than an Ethernet header's 14.
  public var shortestFrame = 0

  /// What the last frame is.
  public private(set) var kind = Kind.valid

  let services: [Service]
  var random: SplitMix64
  private let canvas: FrameCanvas

  /// `services` has at least one.
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
    kind = Kind.weighted[random.below(Kind.weighted.count)]
    let frame = frame(of: kind, for: services[random.below(services.count)])
    let count = canvas.write(frame, to: buffer)
    return max(shortestFrame, damage(buffer, count))
  }

  private mutating func frame(of kind: Kind, for service: Service) -> FrameFields {
    switch kind {
    case .valid, .truncated, .flippedBits, .noise: FrameFields(packet: request(to: service))
    case .tunnelLimit: FrameFields(packet: limitedPacket(to: service))
    case .unconfiguredPort: FrameFields(packet: strayPacket(to: service))
    case .nearMiss: FrameFields(packet: nearMiss(of: service))
    case .spoofed: FrameFields(packet: spoofedPacket(to: service))
    case .options: FrameFields(packet: packetWithOptions(to: service))
    case .extensions, .extensionLie: FrameFields(packet: extendedPacket(to: service, lies: kind == .extensionLie))
    case .fragment: FrameFields(packet: fragment(to: service))
    case .strayFragment: FrameFields(packet: strayFragment(to: service))
    case .query: FrameFields(packet: query(to: service))
    case .icmpError: icmpError(about: service)
    case .encapsulated: encapsulatedPacket(to: service)
    case .tagged: taggedPacket(to: service)
    case .padding: FrameFields(packet: request(to: service), padding: 1 + random.below(FrameCanvas.largestPadding))
    case .headerLie, .lengthLie, .otherProtocol: FrameFields(packet: lyingPacket(to: service, kind))
    case .otherNetworkProtocol: misannouncedPacket(to: service)
    }
  }

  /// Damages the finished frame of `count` bytes; gives its length afterwards.
  private mutating func damage(_ frame: UnsafeMutableRawBufferPointer, _ count: Int) -> Int {
    switch kind {
    case .truncated: return random.below(count)
    case .flippedBits:
      for _ in 0...random.below(4) {
        // Where there is something to go wrong: in the headers.
        frame[random.below(min(count, 78))] ^= 1 << UInt8(truncatingIfNeeded: random.below(8))
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
