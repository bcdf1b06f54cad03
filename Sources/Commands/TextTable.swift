// SPDX-License-Identifier: MIT

/// Columns of text, as wide as they need to be, two spaces apart: words to the left, numbers to the right.
struct TextTable {
  /// Where a column's text stands.
  enum Alignment {
    case left
    case right
  }

  private let alignments: [Alignment]
  private var rows: [[String]]

  init(_ columns: (title: String, alignment: Alignment)...) {
    alignments = columns.map(\.alignment)
    rows = [columns.map(\.title)]
  }

  /// Adds a row; it has as many cells as there are columns.
  mutating func add(_ cells: String...) {
    rows.append(cells)
  }

  /// The lines, without spaces at their ends.
  var text: String {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { pad(row[$0], to: widths[$0], alignments[$0]) }.joined(separator: "  ").trimmed
    }.joined(separator: "\n")
  }

  private func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: width - cell.count)
    return alignment == .left ? cell + space : space + cell
  }
}

extension TextTable {
  /// Names with their values, one a line.
  static func facts(_ facts: [(name: String, value: String)]) -> String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.map { fact in
      fact.name + String(repeating: " ", count: width + 2 - fact.name.count) + fact.value
    }.joined(separator: "\n")
  }
}

extension Output {
  /// A line of shell that is run, or a remark, beside the results.
  static func command(_ line: String) {
    note("[#] \(line)")
  }
}
