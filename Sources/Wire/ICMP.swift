// SPDX-License-Identifier: MIT

/// The beginning that ICMP (RFC 792) and ICMPv6 (RFC 4443) messages have in common, 8 bytes.
public struct ICMPHeader: Hashable, Sendable {
  public var type: UInt8
  public var code: UInt8
  public var checksum: UInt16
  /// The next four bytes, whose meaning depends on the type: an MTU, or an identifier and a sequence number.
  public var rest: UInt32

  /// Bytes on the wire; behind them an error quotes the packet that it is about.
  @inline(always) public static var size: Int { 8 }

  @inline(always)
  public init(type: UInt8, code: UInt8, checksum: UInt16 = 0, rest: UInt32 = 0) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.rest = rest
  }

  @usableFromInline enum Field: Int {
    case type = 0
    case code = 1
    case checksum = 2
    case rest = 4
  }

  /// Reads the header at the start of `bytes`.
  @inline(always)
  public init(parsing bytes: PacketBytes) throws(Malformation) {
    guard bytes.holds(Self.size) else { throw .truncated }
    self.type = bytes.load(Field.type)
    self.code = bytes.load(Field.code)
    self.checksum = bytes.load(Field.checksum)
    self.rest = bytes.load(Field.rest)
  }

  /// Writes the header at the start of `bytes`, which hold it.
  @inline(always)
  public func emit(into bytes: PacketBytes) {
    bytes.store(type, Field.type)
    bytes.store(code, Field.code)
    bytes.store(checksum, Field.checksum)
    bytes.store(rest, Field.rest)
  }
}

/// Types of ICMP messages (RFC 792).
public enum ICMPType {
  @inline(always) public static var echoReply: UInt8 { 0 }
  @inline(always) public static var destinationUnreachable: UInt8 { 3 }
  @inline(always) public static var sourceQuench: UInt8 { 4 }
  @inline(always) public static var echoRequest: UInt8 { 8 }
  @inline(always) public static var timeExceeded: UInt8 { 11 }
  @inline(always) public static var parameterProblem: UInt8 { 12 }

  /// Whether a message quotes the packet that it is about.
  @inline(always)
  public static func isError(_ type: UInt8) -> Bool {
    type == destinationUnreachable || type == timeExceeded || type == parameterProblem || type == sourceQuench
  }
}

/// Types of ICMPv6 messages (RFC 4443).
public enum ICMPv6Type {
  @inline(always) public static var destinationUnreachable: UInt8 { 1 }
  @inline(always) public static var packetTooBig: UInt8 { 2 }
  @inline(always) public static var echoRequest: UInt8 { 128 }
  @inline(always) public static var echoReply: UInt8 { 129 }

  /// Whether a message quotes the packet that it is about: types below 128 do (2.1).
  @inline(always)
  public static func isError(_ type: UInt8) -> Bool { type < 128 }
}
