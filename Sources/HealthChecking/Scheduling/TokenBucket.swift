// SPDX-License-Identifier: MIT

/// Grants so many probes per second, and a tenth of that at once.
struct TokenBucket {
  private let perSecond: Double
  private var tokens: Double
  private var filled: Instant

  /// A full bucket.
  init(perSecond: Int, at now: Instant) {
    self.perSecond = Double(max(perSecond, 1))
    tokens = max(self.perSecond / 10, 1)
    filled = now
  }

  /// What it holds at most, but a crowd that comes together must be let in at some time.
  private func capacity(for count: Int) -> Double { max(perSecond / 10, Double(count)) }

  /// Takes `count` tokens, if they are there.
  mutating func take(_ count: Int, at now: Instant) -> Bool {
    tokens = min(capacity(for: count), tokens + perSecond * max((now - filled).inSeconds, 0))
    filled = max(filled, now)
    guard tokens >= Double(count) else { return false }
    tokens -= Double(count)
    return true
  }

  /// When `count` tokens will be there.
  func moment(of count: Int) -> Instant { filled + .seconds(max(Double(count) - tokens, 0) / perSecond) }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
