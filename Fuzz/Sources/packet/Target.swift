// SPDX-License-Identifier: MIT
import DataPlane
import UserspaceEngine

/// With its tables filled, once for all inputs; memory of flows is all that one input leaves to the next.
private let engine = Scene.engine()

/// Fills the tables before there is an input that the time would be charged to.
@c
public func LLVMFuzzerInitialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  _ = engine
  return 0
}

/// The client's packet travels as it is, behind headers that fit it; an answer is a whole packet; anything else is not
/// touched.
@c
public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let frame = UnsafeRawBufferPointer(start: start, count: count)
  // Enough for every encapsulation, and for none.
  for headroom in [Scene.headroom, 0] { check(frame, headroom: headroom) }
  return 0
}

private func check(_ frame: UnsafeRawBufferPointer, headroom: Int) {
  // Of exactly this size, so that AddressSanitizer sees every access beside it.
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: headroom + frame.count, alignment: 16)
  defer { room.deallocate() }
  UnsafeMutableRawBufferPointer(rebasing: room[headroom...]).copyMemory(from: frame)
  let (decision, place) = engine.forward(room, frameAt: headroom, now: Scene.now)
  precondition(place.clamped(to: 0..<room.count) == place, "the frame is outside of its room, at \(place)")
  let before = Frame(Array(frame))
  let after = Frame(Array(room[place]))
  switch decision.verdict.action {
  case .transmit: after.check(encapsulates: before)
  case .reply: after.check(answers: before, isEcho: decision.verdict == .echoReply)
  // An answer for which there was no room has begun already.
  case .drop where decision.verdict == .unanswered: break
  case .pass, .drop: precondition(after.bytes == before.bytes, "a frame that is not sent changed: \(decision)")
  }
}
