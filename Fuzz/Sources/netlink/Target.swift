// SPDX-License-Identifier: MIT
@testable import Netlink

/// A datagram's messages are read without leaving any of them: each reads the same from memory of its own, right behind
/// which AddressSanitizer watches.
@c
public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let datagram = UnsafeRawBufferPointer(start: start, count: count)
  var position = 0
  try? Message.forEach(in: datagram.bytes, malformed: { $0 }) { message throws(MalformedMessage) in
    let length = 16 + message.payload.byteCount
    checkAlone(UnsafeRawBufferPointer(rebasing: datagram[position..<position + length]), reads: Decoded(message))
    position += (length + 3) & ~3
  }
  return 0
}

private func checkAlone(_ bytes: UnsafeRawBufferPointer, reads expected: Decoded) {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4)
  defer { copy.deallocate() }
  copy.copyMemory(from: bytes)
  var messages: [Decoded] = []
  do throws(MalformedMessage) {
    try Message.forEach(in: UnsafeRawBufferPointer(copy).bytes, malformed: { $0 }) { message throws(MalformedMessage) in
      messages.append(Decoded(message))
    }
  } catch {
    fatalError("a message by itself is malformed: \(error)")
  }
  precondition(messages == [expected], "a message by itself reads differently: \(messages), not \(expected)")
}

/// All that a message is read as.
private struct Decoded: Equatable {
  let event: Result<NetlinkEvent?, MalformedMessage>
  let link: Result<Link?, MalformedMessage>
  let rule: Result<RoutingRule?, MalformedMessage>
  let acknowledgement: Result<Acknowledgement?, MalformedMessage>

  init(_ message: Message) {
    event = Self.result { () throws(MalformedMessage) in try NetlinkEvent(message) }
    // As lists of links have it: with the counters.
    link = Self.result { () throws(MalformedMessage) in
      message.type == .newLink ? try Link(message, statistics: true) : nil
    }
    rule = Self.result { () throws(MalformedMessage) in message.type == .newRule ? try RoutingRule(message) : nil }
    acknowledgement = Self.result { () throws(MalformedMessage) in try Acknowledgement(message) }
  }

  private static func result<Value>(
    _ body: () throws(MalformedMessage) -> Value?
  ) -> Result<Value?, MalformedMessage> {
    do throws(MalformedMessage) { return .success(try body()) } catch { return .failure(error) }
  }
}
