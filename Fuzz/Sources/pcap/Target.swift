// SPDX-License-Identifier: MIT
import Capture

/// What is read from a capture file is written back, and reads equal.
@c
public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let (format, packets) = try? read(bytes) else { return 0 }
  var writer = CaptureWriter(format: format)
  for packet in packets { writer.append(packet) }
  guard let again = try? read(writer.takeBytes()) else { fatalError("what was written cannot be read") }
  precondition(again.format == format, "the format changed from \(format) to \(again.format)")
  precondition(again.packets == packets, "the packets changed")
  return 0
}

private func read(_ bytes: [UInt8]) throws(CaptureError) -> (format: CaptureFormat, packets: [CapturedPacket]) {
  var reader = try CaptureReader(bytes)
  var packets: [CapturedPacket] = []
  while let packet = try reader.next() { packets.append(packet) }
  return (reader.format, packets)
}
