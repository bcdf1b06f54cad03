// SPDX-License-Identifier: MIT

/// Reads a DNS message (RFC 1035, 4) from the front.
struct DNSReader {
  private let message: [UInt8]
  private var position = 0

  /// The message is not what RFC 1035 says.
  struct Malformed: Error {
    var what: String
  }

  init(_ message: [UInt8]) {
    self.message = message
  }

  mutating func bytes(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard message.count - position >= count else { throw Malformed(what: "cut off after \(message.count) bytes") }
    defer { position += count }
    return message[position..<position + count]
  }

  mutating func byte() throws(Malformed) -> Int { try bytes(1).reduce(0) { $0 + Int($1) } }

  /// In network byte order.
  mutating func word() throws(Malformed) -> UInt16 { try bytes(2).reduce(0) { $0 << 8 | UInt16($1) } }

  /// The labels of a name, compressed or not. A pointer points before the part that it ends (RFC 1035, 4.1.4: to a prior
  /// occurrence), so that there are no loops.
  mutating func name() throws(Malformed) -> [[UInt8]] {
    var (labels, start, end): ([[UInt8]], Int, Int?) = ([], position, nil)
    // A name has at most 127 labels; more pointers than that are of no use.
    for _ in 0..<128 {
      guard let target = try readLabels(into: &labels) else {
        position = end ?? position
        return labels
      }
      guard target < start else { throw Malformed(what: "a name's pointer does not point back") }
      end = end ?? position
      (start, position) = (target, target)
    }
    throw Malformed(what: "a name of more than 127 pointers")
  }

  /// Labels up to the root, which gives nil, or up to a pointer, which gives where it points.
  private mutating func readLabels(into labels: inout [[UInt8]]) throws(Malformed) -> Int? {
    while true {
      switch try byte() {
      case 0: return nil
      case let length where length < 64: labels.append(Array(try bytes(length)))
      case let first where first >= 0xC0: return try (first & 0x3F) << 8 | byte()
      default: throw Malformed(what: "a label of an unknown kind")
      }
      let length = labels.reduce(1) { $0 + 1 + $1.count }
      guard length <= 255 else { throw Malformed(what: "a name of more than 255 bytes") }
    }
  }
}
