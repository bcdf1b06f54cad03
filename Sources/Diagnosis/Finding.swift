// SPDX-License-Identifier: MIT

/// What one check of a real server has found. As JSON its keys are stable.
public struct Finding: Hashable, Sendable, Encodable {
  /// The number of the check; it never changes its meaning.
  public var number: Int
  /// A short name of the check, such as `rp-filter`.
  public var name: String
  public var verdict: Verdict
  /// What was looked at and found, a sentence.
  public var found: String
  /// Why that loses packets; nil where nothing is wrong.
  public var why: String?
  /// One line of shell that mends it; nil where nothing is wrong, or only a person can.
  public var mend: String?

  public enum Verdict: String, Hashable, Sendable, Encodable, CaseIterable {
    case ok
    /// Packets are lost, or answers are.
    case failed
    /// It works, and may not for long, or not for everybody.
    case warning
    /// It could not be looked at, or does not apply; ``Finding/found`` says why.
    case skipped
  }

  public init(
    number: Int, name: String, verdict: Verdict, found: String, why: String? = nil, mend: String? = nil
  ) {
    self.number = number
    self.name = name
    self.verdict = verdict
    self.found = found
    self.why = why
    self.mend = mend
  }
}
