// SPDX-License-Identifier: MIT
import Testing

@testable import Configuration

@Suite struct `Suggestions` {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("adress", "address", 1), ("wieght", "weight", 1), ("kitten", "sitting", 3),
    ("ca", "abc", 3), ("server", "servers", 1),
  ])
  func `slips are counted`(first: String, second: String, distance: Int) {
    #expect(editDistance(first, second) == distance)
    #expect(editDistance(second, first) == distance)
  }

  @Test(arguments: [
    ("adress", "address"), ("ADDRESS", "address"), ("addr", "address"), ("proto", "protocol"), ("portt", "port"),
    ("idleTimeout", "idle-timeout"), ("a", nil), ("colour", nil), ("xyz", nil),
  ])
  func `the nearest word is meant, if it is near enough`(typed: String, meant: String?) {
    #expect(suggestion(for: typed, among: ["address", "port", "protocol", "idle-timeout", "weight"]) == meant)
  }
}

@Suite struct `Spans of time` {
  @Test(arguments: [
    ("0s", 0), ("90s", 90_000), ("15m", 900_000), ("1h", 3_600_000), ("1h30m", 5_400_000), ("1d2h3m4s", 93_784_000),
    ("7d", 604_800_000), ("500ms", 500), ("1s500ms", 1_500), ("1m1ms", 60_001), ("0ms", 0), ("1500ms", 1_500),
  ])
  func `are read`(text: String, milliseconds: Int) {
    #expect(TimeText.duration(of: text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "s", "1", "1 h", "1h 30m", "30m1h", "1h1h", "-1s", "+1s", "1.5h", "1H", "1mS", "500ms1s", "1w", "٣s", "ms",
    "99999999999s", "2147483647d",
  ])
  func `are refused`(text: String) {
    #expect(TimeText.duration(of: text) == nil)
  }

  @Test(arguments: [
    (0, "0s"), (59_000, "59s"), (90_000, "1m30s"), (86_400_000, "1d"), (5_400_000, "1h30m"), (500, "500ms"),
    (60_250, "1m250ms"),
  ])
  func `are printed as short as can be`(milliseconds: Int, text: String) {
    #expect(TimeText.text(of: .milliseconds(milliseconds)) == text)
  }
}
