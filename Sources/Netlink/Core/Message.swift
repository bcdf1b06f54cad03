// SPDX-License-Identifier: MIT
import CLinux

/// A message from the kernel, borrowed from the buffer it was received in.
struct Message: ~Escapable {
  let type: MessageType
  let flags: MessageFlags
  /// The number of the request it answers, or 0 for a notification.
  let sequence: UInt32
  /// What follows the netlink header.
  let payload: RawSpan

  /// Calls `body` for each message in `bytes`, one datagram as the socket received it.
  ///
  /// - Throws: ``MalformedMessage`` if a message is cut off, or what `body` throws.
  static func forEach<Failure: Error>(
    in bytes: RawSpan, malformed: (MalformedMessage) -> Failure, _ body: (Message) throws(Failure) -> Void
  ) throws(Failure) {
    var position = 0
    while position < bytes.byteCount {
      guard let length = length(of: bytes.extracting(position...)) else {
        throw malformed(MalformedMessage("a message of \(bytes.byteCount - position) bytes is cut off"))
      }
      try body(Message(bytes.extracting(position..<position + length)))
      position = min((position + length + 3) & ~3, bytes.byteCount)
    }
  }

  /// The length of the message that `bytes` start with, if it is there as a whole.
  ///
  /// libmnl's `mnl_nlmsg_ok` takes a length of 2 GiB and more for a negative one that fits.
  private static func length(of bytes: RawSpan) -> Int? {
    let headerSize = MemoryLayout<nlmsghdr>.size
    guard bytes.byteCount >= headerSize else { return nil }
    let length = Int(bytes.load(nlmsghdr.self, at: 0).nlmsg_len)
    return headerSize <= length && length <= bytes.byteCount ? length : nil
  }

  /// Takes exactly one message, its length checked.
  @_lifetime(copy bytes)
  private init(_ bytes: RawSpan) {
    let header = bytes.load(nlmsghdr.self, at: 0)
    type = MessageType(rawValue: header.nlmsg_type)
    flags = MessageFlags(rawValue: header.nlmsg_flags)
    sequence = header.nlmsg_seq
    payload = bytes.extracting(droppingFirst: MemoryLayout<nlmsghdr>.size)
  }

  /// The fixed header of the message's family.
  func header<Header: BitwiseCopyable>(_: Header.Type) throws(MalformedMessage) -> Header {
    guard payload.byteCount >= MemoryLayout<Header>.size else {
      throw MalformedMessage("a message of type \(type.rawValue) holds \(payload.byteCount) bytes")
    }
    return payload.load(Header.self, at: 0)
  }

  /// The attributes after a fixed header of type `Header`.
  @_lifetime(copy self)
  func attributes<Header: BitwiseCopyable, Scope: AttributeScope>(
    _: Scope.Type, after header: Header.Type
  ) -> AttributeReader<Scope> {
    let start = min((MemoryLayout<Header>.size + 3) & ~3, payload.byteCount)
    return AttributeReader(payload.extracting(droppingFirst: start))
  }
}
