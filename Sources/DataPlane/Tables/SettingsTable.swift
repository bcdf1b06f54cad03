// SPDX-License-Identifier: MIT
public import Wire

/// Who divides packets that are too long for the way to their real server: a link whose other end is the host's own IP stack.
public struct Fragmenter: Hashable, Sendable {
  /// The link to send through.
  public let interface: UInt32
  /// The link-layer address of its other end.
  public let address: MACAddress

  @inline(__always)
  public init(interface: UInt32, address: MACAddress) {
    self.interface = interface
    self.address = address
  }
}

/// What holds for all services. 216 bytes, one row.
public struct Settings: Hashable, Sendable, BitwiseCopyable {
  private let lengths: InlineArray<8, PrefixLength>
  /// New flows that are remembered in a tick (1.07 s) by one CPU; more are forwarded without being remembered.
  public let flowLimit: UInt32
  /// Answers of the director's own that are sent in a tick by one CPU.
  public let replyLimit: UInt32
  private let fragmenterAddress: UInt64
  private let fragmenterInterface: UInt32
  private let zero32: UInt32 = 0

  /// The most lengths of prefixes that differ.
  @inline(__always) public static var prefixLengthLimit: Int { 8 }

  /// `prefixLengths` are those of `PrefixKey`, the longest first, at most `prefixLengthLimit`.
  public init(
    prefixLengths: [UInt8], flowLimit: UInt32, replyLimit: UInt32, fragmenter: Fragmenter? = nil
  ) {
    lengths = InlineArray { place in PrefixLength(place < prefixLengths.count ? prefixLengths[place] : 0) }
    self.flowLimit = flowLimit
    self.replyLimit = replyLimit
    self.fragmenterAddress = fragmenter?.address.bits ?? 0
    self.fragmenterInterface = fragmenter?.interface ?? 0
  }

  /// Who divides packets, if anybody does.
  @inline(__always)
  public var fragmenter: Fragmenter? {
    guard fragmenterInterface != 0 else { return nil }
    return Fragmenter(interface: fragmenterInterface, address: MACAddress(bits: fragmenterAddress))
  }

  /// The prefix lengths that are in use.
  public var prefixLengths: [UInt8] {
    (0..<Self.prefixLengthLimit).map { lengths[$0].length }.filter { $0 != 0 }
  }

  public static func == (left: Settings, right: Settings) -> Bool {
    left.prefixLengths == right.prefixLengths && left.flowLimit == right.flowLimit
      && left.replyLimit == right.replyLimit && left.fragmenter == right.fragmenter
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(prefixLengths)
    hasher.combine(flowLimit)
    hasher.combine(replyLimit)
    hasher.combine(fragmenter)
  }
}

/// A length of prefixes, and what it leaves of an address. 24 bytes.
public struct PrefixLength: Hashable, Sendable, BitwiseCopyable {
  private let highMask: UInt64
  private let lowMask: UInt64
  /// 0 for none.
  public let length: UInt8
  private let zero8: UInt8 = 0
  private let zero16: UInt16 = 0
  private let zero32: UInt32 = 0

  init(_ length: UInt8) {
    let mask = IPv6Address(high: .max, low: .max).masked(to: length)
    self.highMask = mask.high
    self.lowMask = mask.low
    self.length = length
  }

  /// The prefix of this length that `address` is in.
  @inline(__always)
  func prefix(of address: IPv6Address) -> PrefixKey {
    PrefixKey(high: address.high & highMask, low: address.low & lowMask, length: length)
  }
}

/// What one CPU has done in the current tick. 16 bytes, one row for each CPU.
public struct Allowance: Hashable, Sendable, BitwiseCopyable {
  private var tick: UInt32 = 0
  private var flows: UInt32 = 0
  private var replies: UInt32 = 0
  private var zero32: UInt32 = 0

  public init() {}

  /// Whether one more flow may be remembered; if so, it counts.
  @inline(always)
  mutating func takeFlow(_ now: Tick, limit: UInt32) -> Bool {
    begin(now)
    guard flows < limit else { return false }
    flows &+= 1
    return true
  }

  /// Whether one more answer may be sent; if so, it counts.
  @inline(always)
  mutating func takeReply(_ now: Tick, limit: UInt32) -> Bool {
    begin(now)
    guard replies < limit else { return false }
    replies &+= 1
    return true
  }

  @inline(always)
  private mutating func begin(_ now: Tick) {
    guard tick != now.rawValue else { return }
    tick = now.rawValue
    flows = 0
    replies = 0
  }
}

/// Tells most addresses that are neither virtual nor the host's own from those that may be: 4,096 bits, a word a row.
public struct SourceFilter: Hashable, Sendable {
  public private(set) var words: [UInt64]

  @inline(__always) public static var wordCount: Int { 64 }

  /// - Parameter prefixes: What is to be recognised. One that is no single address fills the filter.
  public init(_ prefixes: some Sequence<PrefixKey>) {
    words = Array(repeating: 0, count: Self.wordCount)
    for prefix in prefixes {
      guard prefix.length == 128 else {
        words = Array(repeating: .max, count: Self.wordCount)
        return
      }
      let bit = Self.bit(of: prefix.address)
      words[Int(bit >> 6)] |= 1 << UInt64(bit & 63)
    }
  }

  /// A filter as a table has it: `wordCount` words.
  public init(words: [UInt64]) {
    self.words = words
  }

  /// The bit of an address, 0 to 4,095.
  @inline(always)
  static func bit(of address: IPv6Address) -> UInt32 {
    let word = (address.low ^ address.high &* 0x9E37_79B9_7F4A_7C15) &* 0xC2B2_AE3D_27D4_EB4F
    return UInt32(truncatingIfNeeded: word >> 52)
  }
}
