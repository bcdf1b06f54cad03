// SPDX-License-Identifier: MIT
import Control
import Health

extension CheckReport {
  /// All that is known of it.
  func text(at now: Timestamp) -> String {
    let facts = [("ways", waysText), ("flapping", dampingText), ("last failure", lastFailure.map(text))]
    let known = facts.compactMap { fact in fact.1.map { (fact.0, $0) } }
    let events = history.enumerated().map { ($0.offset == 0 ? "history" : "", text($0.element)) }
    return ([heading(at: now)] + Self.indented(known + events)).joined(separator: "\n")
  }

  private static func indented(_ facts: [(String, String)]) -> [String] {
    facts.flatMap { name, value in
      let lines = value.wrapped(by: 15)
      return ["  " + name.padded(13) + lines[0].dropFirst(15)] + lines.dropFirst()
    }
  }

  private func heading(at now: Timestamp) -> String {
    let state = up.map { "\($0 ? "up" : "down") for \(Age(of: since, at: now)), \(streak) in a row" }
    let roundTrip = roundTripMilliseconds.map { ", \(oneDecimal($0)) ms" } ?? ""
    return "check \(check) of \(address): \(state ?? "not asked yet")\(roundTrip)"
  }

  /// `2026-11-25T21:00:03Z timeout: nothing came back in 500 ms (tunnel)`; the way where there are several.
  private func text(_ event: Event) -> String {
    let way = ways.isEmpty ? "" : event.way.map { " (\($0))" } ?? ""
    return "\(event.at.text) \(event.failureText ?? "success")\(way)"
  }

  private var dampingText: String? {
    isDamped ? "up again only after \(neededSuccesses) good answers in a row" : nil
  }

  /// What several ways came to; nil where one was tried.
  var waysText: String? {
    switch (ways["tunnel"], ways["direct"]) {
    case (true, true): "tunnel and direct answer"
    case (false, true): "direct answers, tunnel does not"
    case (true, false): "tunnel answers, direct does not"
    case (false, false): "neither tunnel nor direct answers"
    default: nil
    }
  }
}

extension CheckReport.Event {
  /// `full-size: 1480 bytes not answered, small ones are`
  fileprivate var failureText: String? {
    failure.map { kind in kind + ((detail ?? "").isEmpty ? "" : ": \(detail ?? "")") }
  }
}
