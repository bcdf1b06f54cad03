// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct ChecksumTests {
  /// RFC 1071, 3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
  private let example: [UInt16] = [0x0001, 0xF203, 0xF4F5, 0xF6F7]

  @Test func `The worked example of RFC 1071 comes out`() {
    var checksum = Checksum()
    example.forEach { checksum.add($0) }
    #expect(checksum.value == ~0xDDF2)
  }

  @Test func `Two words at once count like one after the other`() {
    var checksum = Checksum()
    checksum.add(0x0001_F203 as UInt32)
    checksum.add(0xF4F5_F6F7 as UInt32)
    #expect(checksum.value == ~0xDDF2)
  }

  @Test func `Nothing sums to zero`() {
    #expect(Checksum().value == 0xFFFF)
  }

  @Test func `Carries carry again`() {
    var checksum = Checksum()
    for _ in 0..<65_538 { checksum.add(0xFFFF as UInt16) }
    #expect(checksum.value == 0)
  }

  @Test func `Random data agree with the sum that RFC 1071 words`() {
    let seed = SplitMix64.freshSeed()
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let words = (0..<random.below(200)).map { _ in UInt16(truncatingIfNeeded: random.next()) }
      var checksum = Checksum()
      words.forEach { checksum.add($0) }
      #expect(checksum.value == internetChecksum(words.flatMap(\.octets)), "seed \(seed)")
    }
  }
}
