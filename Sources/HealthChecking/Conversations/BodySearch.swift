// SPDX-License-Identifier: MIT

/// Looks for a text in the first 64 KiB of a body that comes in pieces.
struct BodySearch {
  private let wanted: [UInt8]
  private(set) var seen: [UInt8] = []
  private(set) var isFound: Bool

  private static var limit: Int { 65_536 }

  /// An empty text is found at once.
  init(for text: String) {
    wanted = Array(text.utf8)
    isFound = wanted.isEmpty
  }

  /// Whether no more of the body counts.
  var isFull: Bool { seen.count == Self.limit }

  mutating func take(_ bytes: some Collection<UInt8>) {
    // What is wanted may have begun in the pieces before.
    let start = max(0, seen.count - wanted.count + 1)
    seen += bytes.prefix(Self.limit - seen.count)
    isFound = isFound || seen[start...].firstRange(of: wanted) != nil
  }
}
