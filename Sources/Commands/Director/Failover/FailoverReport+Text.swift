// SPDX-License-Identifier: MIT
import Control

extension FailoverReport {
  /// For people, within 80 columns.
  var text: String {
    (["With \(down.joined(separator: ", ")) down:".wrapped(by: 0, hanging: 2).joined(separator: "\n")]
      + services.map(\.text)).joined(separator: "\n\n")
  }
}

extension ServiceFailover {
  fileprivate var text: String {
    let heading = "\(name.shortened(to: 40)): \(oneDecimal(moved))% of new flows would go elsewhere"
    return ([heading] + allDownLine + poolLines + [table]).joined(separator: "\n")
  }

  private var allDownLine: [String] {
    allDown.map { ["  nobody would be up: \(AllDownText.of($0))"] } ?? []
  }

  /// What would become of each pool, where there are several.
  private var poolLines: [String] {
    guard before.pools.count > 1 else { return [] }
    return zip(before.pools, after.pools).map { before, after in
      "  pool \(before.name.shortened(to: 30)): \(before.standing) -> \(after.standing)"
    }
  }

  private var table: String {
    var table = TextTable(
      ("SERVER", .left), ("SITE", .left), ("POOL", .left), ("BEFORE", .right), ("AFTER", .right))
    for server in servers {
      table.add(
        server.name.shortened(to: 24), (server.site ?? "").shortened(to: 14), server.pool.shortened(to: 14),
        "\(oneDecimal(server.before))%", "\(oneDecimal(server.after))%")
    }
    return table.text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
  }
}

extension PoolReport {
  /// `50% up, short, takes 40%`
  var standing: String { "\(up)% up, \(isShort ? "short, " : "")takes \(share)%" }
}

/// What becomes of new flows while nobody is up.
enum AllDownText {
  static func of(_ answer: String) -> String {
    switch answer {
    case "fail-open": "new flows go to all members all the same"
    case "reset": "new flows are reset"
    default: "new flows are dropped"
    }
  }
}
