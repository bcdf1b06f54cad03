// SPDX-License-Identifier: MIT
import Testing

@testable import BPF

@Suite struct HostileObjectTests {
  private static let sound = Result { try Toolchain.object(c: Fixture.counter) }

  @Test func `Any prefix of an object is an error, not a crash`() throws {
    let elf = try Self.sound.get()
    for length in 0..<elf.count {
      #expect(throws: ELFError.self) { try ObjectSpec(elf: Array(elf[..<length])) }
    }
  }

  @Test(arguments: [
    (0, [0x7e], ELFError.notELF),
    (4, [1], .notBPF("not 64-bit")),
    (5, [2], .notBPF("not little-endian")),
    (16, [2, 0], .notBPF("not relocatable")),
    (18, [62, 0], .notBPF("made for machine 62, and BPF is 247")),
    (40, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .truncated(what: "the section table")),
    (40, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], .truncated(what: "the section table")),
    (58, [63, 0], .malformed("section headers of 63 bytes, and the format has 64")),
    (60, [0xff, 0xff], .truncated(what: "the section table")),
  ]) func `A header that lies is refused`(offset: Int, bytes: [UInt8], error: ELFError) throws {
    var elf = try Self.sound.get()
    elf.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    #expect(throws: error) { try ObjectSpec(elf: elf) }
  }

  @Test func `A reference to the inside of a map is refused`() throws {
    var elf = try Self.sound.get()
    let load: [UInt8] = [0x18, 1, 0, 0, 0, 0, 0, 0]
    let place = try #require(stride(from: 64, to: elf.count - 8, by: 8).first { Array(elf[$0..<$0 + 8]) == load })
    elf[place + 4] = 8
    #expect(throws: ELFError.malformed("count refers to the inside of packets, and a map can only be used as a whole"))
    {
      try ObjectSpec(elf: elf)
    }
  }

  @Test(.timeLimit(.minutes(2))) func `A hundred thousand mutations are read or refused`() throws {
    let sound = try Self.sound.get()
    var randomness = Randomness.announced("mutations of an object")
    var refused = 0
    for _ in 0..<100_000 {
      var elf = sound
      for _ in 0..<Int.random(in: 1...6, using: &randomness) { mutate(&elf, &randomness) }
      do { _ = try ObjectSpec(elf: elf) } catch { refused += 1 }
    }
    // Most mutations hit something that matters, and some do not.
    #expect((1000..<99_999).contains(refused))
  }

  private func mutate(_ elf: inout [UInt8], _ randomness: inout Randomness) {
    guard !elf.isEmpty else { return }
    let place = Int.random(in: elf.indices, using: &randomness)
    switch UInt8.random(in: 0..<8, using: &randomness) {
    case 0: elf[place] = 0xff
    case 1: elf[place] = 0
    case 2: elf[place] ^= 1 << UInt8.random(in: 0..<8, using: &randomness)
    case 3 where Bool.random(using: &randomness): elf.removeLast(elf.count - place)
    case 4: for index in place..<min(place + 8, elf.count) { elf[index] = 0xff }
    default: elf[place] = .random(in: 0...255, using: &randomness)
    }
  }
}
