// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Netlink

/// Attributes for tests of the reader alone.
private struct Letter: AttributeScope {
  let rawValue: UInt16

  static let a = Self(rawValue: 1)
  static let b = Self(rawValue: 2)
}

/// Walks `bytes` and gives the types met, or throws the error that stuck.
private func types(_ bytes: [UInt8]) throws -> [UInt16] {
  var reader = AttributeReader<Letter>(bytes.span.bytes)
  var types: [UInt16] = []
  while let type = reader.next() { types.append(type.rawValue) }
  try reader.finish()
  return types
}

@Suite struct `Attributes are walked` {
  @Test(arguments: [
    ("nothing", "", []),
    ("one without a value", "0400 0100", [1]),
    ("two, the first padded", "0500 0100 ff 000000 0400 0200", [1, 2]),
    ("the last without its padding", "0500 0100 ff", [1]),
    ("with the bits for nested and network order", "0400 0180 0400 0240", [1, 2]),
  ])
  func `in order`(what: String, bytes: String, expected: [UInt16]) throws {
    #expect(try types(hex(bytes)) == expected, "\(what)")
  }

  @Test(arguments: [
    ("0400 01", "3 bytes after the last attribute"),
    ("0000 0100", "attribute 1 has the impossible length 0"),
    ("0300 0100", "attribute 1 has the impossible length 3"),
    ("0900 0100 00000000", "attribute 1 of length 9 ends 1 bytes too late"),
    ("0400 0100 ffff 0200 00000000", "attribute 2 of length 65535 ends 65527 bytes too late"),
  ])
  func `until one is malformed, which is told`(bytes: String, reason: String) {
    let error = #expect(throws: MalformedMessage.self) { try types(hex(bytes)) }
    #expect(error?.description == reason)
  }

  @Test func `values of the wrong size give zero and an error`() {
    let bytes = hex("0600 0100 0102 0000")
    var reader = AttributeReader<Letter>(bytes.span.bytes)
    #expect(reader.next() == .a)
    #expect(reader.integer(UInt32.self) == 0)
    #expect(reader.next() == nil)
    let error = #expect(throws: MalformedMessage.self) { try reader.finish() }
    #expect(error?.description == "attribute 1 holds 2 bytes, not 4")
  }

  @Test func `an address of five bytes is none`() {
    let bytes = hex("0900 0100 0102030405 000000")
    var reader = AttributeReader<Letter>(bytes.span.bytes)
    _ = reader.next()
    _ = reader.address()
    let error = #expect(throws: MalformedMessage.self) { try reader.finish() }
    #expect(error?.description == "attribute 1 holds 5 bytes, not an address")
  }

  @Test func `an error inside another attribute ends the walk outside`() {
    let bytes = hex("0800 0100 0000 0200  0400 0200")
    var reader = AttributeReader<Letter>(bytes.span.bytes)
    #expect(reader.next() == .a)
    reader.nested(Letter.self) { _, _ in Issue.record("there is no attribute inside") }
    #expect(reader.next() == nil)
    let error = #expect(throws: MalformedMessage.self) { try reader.finish() }
    #expect(error?.description == "in attribute 1: attribute 2 has the impossible length 0")
  }

  @Test func `text ends at its zero byte`() {
    let bytes = hex("0a00 0100 6c6f 00 6f6f6f 0000")
    var reader = AttributeReader<Letter>(bytes.span.bytes)
    _ = reader.next()
    #expect(reader.string() == "lo")
  }

  @Test func `random bytes are read or refused, never read past their end`() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var generator = Xorshift(state: seed | 1)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
        // Small numbers, so that lengths are often right.
        UInt8.random(in: 0...(Bool.random(using: &generator) ? 12 : 255), using: &generator)
      }
      _ = try? types(bytes)
    }
  }
}

/// Random numbers that a seed repeats (Marsaglia's xorshift64).
private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
