// SPDX-License-Identifier: MIT
import FoundationEssentials
import Health
import TestSupport
import Testing

@Suite struct TimestampTextTests {
  /// As GNU date prints them: `date -u -d @SECONDS +%FT%T.%3NZ`.
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (1_795_642_200_123, "2026-11-25T21:30:00.123Z"),
    (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
  ])
  func `a moment is written in ISO 8601`(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
  }

  @Test(arguments: [Int64.min, Int64.max])
  func `no moment is too far`(milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description.hasSuffix("Z"))
  }

  @Test func `any day is the one that Foundation says`() {
    let seed = SplitMix64.freshSeed()
    print("TimestampTextTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<2000 {
      let seconds = Int64(random.below(4_000_000_000))
      let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
      #expect(Timestamp(milliseconds: seconds * 1000).description == text.dropLast() + ".000Z")
    }
  }
}

@Suite struct DurationTextTests {
  @Test(arguments: [
    (Duration.zero, "0 µs"), (.microseconds(250), "250 µs"), (.microseconds(999), "999 µs"), (.milliseconds(1), "1 ms"),
    (.microseconds(12_900), "12 ms"), (.milliseconds(999), "999 ms"), (.seconds(1), "1 s"),
    (.milliseconds(3250), "3.2 s"), (.milliseconds(3050), "3 s"), (.milliseconds(9999), "9.9 s"),
    (.milliseconds(10_900), "10 s"), (.seconds(119), "119 s"), (.seconds(120), "2 min"), (.seconds(270), "4 min"),
    (.seconds(7199), "119 min"), (.seconds(7200), "2 h"), (.seconds(172_799), "47 h"), (.seconds(172_800), "2 d"),
    (.seconds(-5), "-5 s"),
  ])
  func `a duration is short`(duration: Duration, text: String) {
    #expect(duration.shortText == text)
  }
}

@Suite struct DNSNameTests {
  private static let longest = String(repeating: "a", count: 63)
  /// With 61 characters more, as long as a name can be.
  private static let long = [longest, longest, longest, ""].joined(separator: ".")

  @Test(arguments: [
    ("example.com", true), ("example.com.", true), (".", true), ("localhost", true), ("_sip._tcp.example.com", true),
    ("*.example.com", true), (longest + ".com", true),
    (long + longest.dropFirst(2), true), (long + longest.dropFirst(2) + ".", true),
    ("", false), ("..", false), (".com", false), ("a..b", false), ("a.b..", false), (longest + "a.com", false),
    (long + longest.dropFirst(1), false),
    ("ex ample.com", false), ("bücher.example", false), ("a\\.b", false), ("a\n.b", false),
  ])
  func `a name is valid or it is not`(name: String, isValid: Bool) {
    #expect(DNSQuestion.isValid(name: name) == isValid)
  }

  @Test(arguments: [("example.com.", ["example", "com"]), (".", []), ("a", ["a"])])
  func `labels stand between the dots`(name: String, labels: [String]) {
    #expect(DNSQuestion(name: name).labels == labels.map { Array($0.utf8) })
  }
}
