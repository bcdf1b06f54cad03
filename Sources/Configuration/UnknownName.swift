// SPDX-License-Identifier: MIT

/// A name, such as that of a real server, that there is not.
package struct UnknownName: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was probably meant or, where nothing is near, the first few of those there are.
  package let description: String

  /// `kind` is the word for what has the name, such as `server`.
  package init(_ kind: String, _ name: String, among known: some Sequence<String>) {
    let names = Set(known).sorted()
    if let meant = suggestion(for: name, among: names) {
      description = "there is no \(kind) \"\(name)\"; did you mean \"\(meant)\"?"
    } else {
      description = "there is no \(kind) \"\(name)\"; there are: \(Self.list(names))"
    }
  }

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let rest = names.count > 10 ? ", and \(names.count - 10) more" : ""
    return names.prefix(10).joined(separator: ", ") + rest
  }
}
