// SPDX-License-Identifier: MIT
import Wire

/// Walks the attributes of one scope: ``next()``, then one of the getters for the attribute it stands on.
///
/// The first error sticks: the walk ends, getters give zeroes, and ``finish()`` throws it once at the end. libmnl's own
/// iterator ends in silence at a malformed attribute; this one says what is wrong with it.
struct AttributeReader<Scope: AttributeScope>: ~Escapable {
  private let bytes: RawSpan
  /// Where the attribute after the current one starts.
  private var position = 0
  private var value = 0..<0
  private var type: UInt16 = 0
  private var failure: MalformedMessage?

  /// The length and type before each value.
  private static var headerSize: Int { 4 }
  /// The bits of the type that say how the value is written (`NLA_F_NESTED`, `NLA_F_NET_BYTEORDER`).
  private static var flagBits: UInt16 { 0xC000 }

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// Steps to the next attribute.
  ///
  /// - Returns: its type, or `nil` at the end or after an error.
  @_lifetime(self: copy self)
  mutating func next() -> Scope? {
    guard failure == nil, position < bytes.byteCount else { return nil }
    guard position + Self.headerSize <= bytes.byteCount else {
      return fail("\(bytes.byteCount - position) bytes after the last attribute")
    }
    let length = Int(bytes.load(UInt16.self, at: position))
    type = bytes.load(UInt16.self, at: position + 2) & ~Self.flagBits
    guard length >= Self.headerSize else { return fail("attribute \(type) has the impossible length \(length)") }
    guard position + length <= bytes.byteCount else {
      return fail("attribute \(type) of length \(length) ends \(position + length - bytes.byteCount) bytes too late")
    }
    value = position + Self.headerSize..<position + length
    // The padding after the last one may be missing.
    position = min((position + length + 3) & ~3, bytes.byteCount)
    return Scope(rawValue: type)
  }

  /// Throws the first error that was met.
  consuming func finish() throws(MalformedMessage) {
    if let failure { throw failure }
  }

  /// The value as a number in host byte order; 0 and an error if it has another size.
  @_lifetime(self: copy self)
  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type = Number.self) -> Number {
    guard value.count == MemoryLayout<Number>.size else {
      fail("attribute \(type) holds \(value.count) bytes, not \(MemoryLayout<Number>.size)")
      return 0
    }
    return bytes.load(Number.self, at: value.lowerBound)
  }

  /// The value as text, up to its first zero byte.
  func string() -> String {
    String(decoding: data().prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The value as it is.
  func data() -> [UInt8] {
    value.map { bytes.load(UInt8.self, at: $0) }
  }

  /// The value as an address of the family that its size tells: 4 bytes or 16, in network order.
  @_lifetime(self: copy self)
  mutating func address() -> IPAddress {
    if let address = IPAddress(bytes: data()) { return address }
    fail("attribute \(type) holds \(value.count) bytes, not an address")
    return .v4(IPv4Address(bits: 0))
  }

  /// The value as an Ethernet address, or `nil` for links whose addresses have another size, such as tunnels.
  func macAddress() -> MACAddress? {
    guard value.count == 6 else { return nil }
    return MACAddress(bits: data().reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Walks the attributes inside the current one, after `skip` bytes of a fixed header; their first error becomes ours.
  @_lifetime(self: copy self)
  mutating func nested<Inner: AttributeScope>(
    _ scope: Inner.Type, skip: Int = 0, _ body: (Inner, inout AttributeReader<Inner>) -> Void
  ) {
    let start = min(value.lowerBound + skip, value.upperBound)
    var inner = AttributeReader<Inner>(bytes.extracting(start..<value.upperBound))
    while let type = inner.next() { body(type, &inner) }
    if let failure = inner.failure { fail("in attribute \(self.type): \(failure)") }
  }

  @discardableResult
  @_lifetime(self: copy self)
  private mutating func fail(_ reason: String) -> Scope? {
    if failure == nil { failure = MalformedMessage(reason) }
    return nil
  }
}
