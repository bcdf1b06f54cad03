// SPDX-License-Identifier: MIT

/// What was probably meant by `text`: the candidate it abbreviates, or the nearest one that is near enough.
///
/// Case does not count. Up to two slips are forgiven, one in a word of three letters or fewer.
func suggestion(for text: String, among candidates: some Sequence<String>) -> String? {
  let typed = text.lowercased()
  let limit = typed.count < 4 ? 1 : 2
  var best: (candidate: String, distance: Int)?
  for candidate in candidates where abs(candidate.count - typed.count) <= limit || typed.count >= 3 {
    let name = candidate.lowercased()
    let distance = typed.count >= 3 && name.hasPrefix(typed) ? 1 : editDistance(typed, name, limit: limit)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (Damerau-Levenshtein, optimal string alignment); some number above `limit` if it takes more than that.
func editDistance(_ first: String, _ second: String, limit: Int = .max) -> Int {
  let first = Array(first.unicodeScalars)
  let second = Array(second.unicodeScalars)
  guard abs(first.count - second.count) <= limit else { return abs(first.count - second.count) }
  var beforeLast: [Int] = []
  var last = Array(0...second.count)
  for row in 0..<first.count {
    var current = [row + 1]
    for column in 0..<second.count {
      let replaced = last[column] + (first[row] == second[column] ? 0 : 1)
      var cost = min(current[column] + 1, last[column + 1] + 1, replaced)
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[second.count]
}
