// SPDX-License-Identifier: MIT
public import SystemPackage

/// The kernel's verifier found that a program might do harm. Its log is long; what is printed is the line that tells.
public struct VerifierError: Error, Equatable, Sendable {
  /// The program's name.
  public var program: String
  public var errno: Errno
  /// All that the verifier wrote, or the end of it if that is more than 16 MB.
  public var log: String

  public init(program: String, errno: Errno, log: String) {
    self.program = program
    self.errno = errno
    self.log = log
  }

  /// The last line that says something about the program, and how many other lines of the log say less.
  public var summary: (line: String, omitted: Int) {
    let lines = log.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    guard let line = lines.last(where: { !Self.isStatistics($0) }) ?? lines.last else { return ("", 0) }
    return (String(line.trimmingPrefix(while: \.isWhitespace)), lines.count - 1)
  }

  /// What the verifier writes after its verdict.
  private static func isStatistics(_ line: some StringProtocol) -> Bool {
    ["processed ", "verification time ", "stack depth ", "max_states_per_insn "].contains { line.hasPrefix($0) }
  }
}

extension VerifierError: CustomStringConvertible {
  public var description: String {
    let (line, omitted) = summary
    guard !line.isEmpty else { return "the kernel's verifier refuses program \(program): \(errno)" }
    let rest = omitted == 0 ? "" : " (\(omitted) line\(omitted == 1 ? "" : "s") of its log omitted)"
    return "the kernel's verifier refuses program \(program): \(line)\(rest)"
  }
}
