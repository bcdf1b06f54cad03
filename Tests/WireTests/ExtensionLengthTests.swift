// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

/// Lengths of IPv6 extension headers, which are computed without a branch on their kind.
@Suite struct ExtensionLengthTests {
  /// As the RFCs have it; nil for what is no extension header.
  private func size(_ number: UInt8, _ field: Int) -> Int? {
    switch number {
    case 0, 43, 60: (field + 1) * 8
    case 44: 8
    case 51: (field + 2) * 4
    default: nil
    }
  }

  @Test func `Every number with every length is what the RFCs say`() throws {
    for number in UInt8.min...UInt8.max {
      for field in 0...255 {
        // TCP behind it, and a fragment header of a whole packet.
        let bytes = [6, UInt8(field), 0, 0] + Array(repeating: 0 as UInt8, count: 2044)
        let extensions = try parsing(bytes) { (bytes) throws(Malformation) in
          try IPv6Extensions(parsing: bytes, first: TransportProtocol(rawValue: number))
        }
        let expected = size(number, field)
        guard extensions.length == expected ?? 0,
          (extensions.transportProtocol == .tcp) == (expected != nil || number == 6)
        else {
          Issue.record("header \(number) with length \(field): \(extensions)")
          return
        }
      }
    }
  }
}
