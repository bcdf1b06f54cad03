// SPDX-License-Identifier: MIT

/// The bytes that `text` spells in hexadecimal; white space is free, and `#` starts a remark up to the line's end.
///
/// A word that is no pair of digits stops the test run: it is a mistake in the test.
public func hex(_ text: String) -> [UInt8] {
  text.split(separator: "\n").flatMap { line in
    line.prefix { $0 != "#" }.filter { !$0.isWhitespace }.pairs.map { pair in
      guard let byte = UInt8(pair, radix: 16) else { preconditionFailure("\"\(pair)\" is not a byte") }
      return byte
    }
  }
}

extension String {
  fileprivate var pairs: [Substring] {
    stride(from: 0, to: count, by: 2).map { dropFirst($0).prefix(2) }
  }
}

/// `bytes` in hexadecimal, sixteen a line, to read in a failed test.
public func dump(_ bytes: [UInt8]) -> String {
  stride(from: 0, to: bytes.count, by: 16).map { start in
    bytes[start..<min(start + 16, bytes.count)]
      .map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined(separator: " ")
  }.joined(separator: "\n")
}
