// SPDX-License-Identifier: MIT
import Netlink

/// Where a tunnel is not what was asked for.
struct TunnelDifference: Hashable, CustomStringConvertible {
  let description: String
  /// The option of `culvert tunnel change` that makes it so; nil if there is none.
  let option: String?

  /// What to do about `differences` of the tunnel called `name`.
  static func advice(_ differences: [TunnelDifference], _ name: String) -> String {
    let options = differences.compactMap(\.option)
    guard options.count == differences.count else {
      return "give another name, or remove it with 'culvert tunnel remove \(name)'"
    }
    return "'culvert tunnel change \(name) \(options.joined(separator: " "))' makes it so"
  }
}

extension TunnelTransition {
  /// What the tunnel that there is would have to lose or change. What it only lacks is not among them.
  var differences: [TunnelDifference] {
    guard let found, let wanted else { return [] }
    return settings(found, TunnelView(wanted))
      + surplusAddresses.map { .init(description: "it has the address \($0)", option: "--remove-address \($0)") }
      + surplusRoutes.map { .init(description: "\($0) leads through it", option: "--remove-route \($0.quoted)") }
  }

  private func settings(_ found: TunnelView, _ wanted: TunnelView) -> [TunnelDifference] {
    found.differences(from: wanted).filter { $0.wanted.name != "state" }.map { difference in
      TunnelDifference(description: "\(difference)", option: difference.wanted.option)
    }
  }
}

extension TunnelView.Fact {
  /// What makes it so; nil for what cannot be changed.
  fileprivate var option: String? {
    switch (name, value) {
    case ("kind", _), ("state", _): nil
    case ("pmtudisc", "off"): "--no-pmtudisc"
    case ("pmtudisc", _): "--pmtudisc"
    default: "--\(name) \(value)"
    }
  }
}
