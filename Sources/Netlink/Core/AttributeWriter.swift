// SPDX-License-Identifier: MIT
import CLinux
import CMnl
import Wire

/// The attribute types that are meant where one stands: a type of ``LinkAttribute`` has no meaning inside
/// ``RouteMetric``.
protocol AttributeScope: RawRepresentable, Hashable, Sendable where RawValue == UInt16 {
  init(rawValue: UInt16)
}

/// Appends attributes of one scope to a message; those of another scope do not compile.
///
/// An attribute that does not fit is left out and remembered: ask ``overflowed`` once, at the end.
@safe  // The message lives in the buffer that `Request` lends for the time of the closure, and `capacity` bounds it.
struct AttributeWriter<Scope: AttributeScope>: ~Copyable, ~Escapable {
  private let message: UnsafeMutablePointer<nlmsghdr>
  private let capacity: Int
  private(set) var overflowed = false

  /// Appends to `message`, which has room for `capacity` bytes from its header on.
  @unsafe @_lifetime(immortal)
  init(_ message: UnsafeMutablePointer<nlmsghdr>, capacity: Int) {
    unsafe self.message = unsafe message
    self.capacity = capacity
  }

  mutating func put(_ type: Scope, _ value: UInt8) {
    note(unsafe mnl_attr_put_u8_check(message, capacity, type.rawValue, value))
  }

  /// In host byte order; for what the kernel wants in network order say `.bigEndian`.
  mutating func put(_ type: Scope, _ value: UInt16) {
    note(unsafe mnl_attr_put_u16_check(message, capacity, type.rawValue, value))
  }

  /// In host byte order; for what the kernel wants in network order say `.bigEndian`.
  mutating func put(_ type: Scope, _ value: UInt32) {
    note(unsafe mnl_attr_put_u32_check(message, capacity, type.rawValue, value))
  }

  /// With a zero byte at its end.
  mutating func put(_ type: Scope, _ text: String) {
    note(unsafe mnl_attr_put_strz_check(message, capacity, type.rawValue, text))
  }

  mutating func put(_ type: Scope, _ bytes: [UInt8]) {
    note(unsafe mnl_attr_put_check(message, capacity, type.rawValue, bytes.count, bytes))
  }

  /// 4 or 16 bytes in network order.
  mutating func put(_ type: Scope, _ address: IPAddress) {
    put(type, address.bytes)
  }

  /// Attributes of scope `Inner` inside one attribute.
  mutating func nest<Inner: AttributeScope>(
    _ type: Scope, _ scope: Inner.Type, _ body: (inout AttributeWriter<Inner>) -> Void
  ) {
    nest(type, prefix: [], scope, body)
  }

  /// The same, after a fixed header of the nested message.
  mutating func nest<Inner: AttributeScope>(
    _ type: Scope, prefix: [UInt8], _ scope: Inner.Type, _ body: (inout AttributeWriter<Inner>) -> Void
  ) {
    guard let start = unsafe mnl_attr_nest_start_check(message, capacity, type.rawValue) else { return note(false) }
    if !prefix.isEmpty { append(prefix) }
    var inner = unsafe AttributeWriter<Inner>(message, capacity: capacity)
    body(&inner)
    note(!inner.overflowed)
    unsafe mnl_attr_nest_end(message, start)
  }

  /// Bytes without an attribute header, a multiple of 4 of them.
  private mutating func append(_ bytes: [UInt8]) {
    let length = Int(unsafe message.pointee.nlmsg_len)
    guard length + bytes.count <= capacity, let tail = unsafe mnl_nlmsg_get_payload_tail(message) else {
      return note(false)
    }
    unsafe tail.copyMemory(from: bytes, byteCount: bytes.count)
    unsafe message.pointee.nlmsg_len += UInt32(bytes.count)
  }

  private mutating func note(_ fitted: Bool) {
    if !fitted { overflowed = true }
  }
}
