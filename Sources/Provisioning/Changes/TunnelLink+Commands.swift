// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// The same as commands of ip(8).
extension TunnelLink {
  /// What makes it.
  var commands: [String] {
    let mtu = mtu.map { " mtu \($0)" } ?? ""
    return [
      "ip link add name \(name)\(mtu) type \(words)",
      "ip link set dev \(name)\(isUp ? " up" : "") alias \(owner.mark)",
    ]
  }

  /// What makes it of `found`, which has the same name and kind. The MTU is said again, because some drivers forget it.
  func commands(changing found: TunnelLink) -> [String] {
    let mtu = mtu.map { " mtu \($0)" } ?? ""
    return ["ip link set dev \(name)\(isUp && !found.isUp ? " up" : "")\(mtu) type \(words)"]
  }

  /// The kind and its settings.
  private var words: String {
    ([kind.rawValue] + ends + outerHeader + [device.map { "dev \($0)" }, udp].compactMap(\.self))
      .joined(separator: " ")
  }

  private var ends: [String] {
    var words = mode.word(for: kind).map { ["mode \($0)"] } ?? []
    words.append("local \(local) remote \(remote)")
    if let key { words.append("key \(key)") }
    return words
  }

  private var outerHeader: [String] {
    var words = [
      "ttl \(ttl == 0 ? "inherit" : "\(ttl)")", "tos \(tos.map { "0x\(String($0, radix: 16))" } ?? "inherit")",
    ]
    switch kind.outer {
    case .v4: if !discoversPathMTU { words.append("nopmtudisc") }
    case .v6: words.append("encaplimit \(encapsulationLimit.map { "\($0)" } ?? "none")")
    }
    return words
  }

  private var udp: String? {
    guard let encapsulation, let port else { return nil }
    return "encap \(encapsulation.rawValue) encap-sport auto encap-dport \(port)"
  }
}
