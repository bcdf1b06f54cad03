// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What everything else stands on.
enum HostChecks {
  static let all = [
    Check(.interface, interface),
    Check(.loopback, loopback),
    Check(.ipv6, after: [.interface, .decapsulator], ipv6),
  ]

  private static func interface(_ host: Case) -> Observation {
    let name = host.expectation.interface
    guard let link = host.picture.link(name) else {
      return .failed(
        "there is no interface \(name)", why: "directors' packets are expected there, and cannot arrive", mend: nil)
    }
    guard link.isUp else {
      return .failed(
        "\(name) is down", why: "directors' packets cannot arrive", mend: .shell("ip link set dev \(name) up"))
    }
    guard link.isRunning else {
      return .failed(
        "\(name) is up, and has no carrier", why: "its cable, or what is at the other end, is missing", mend: nil)
    }
    return .ok("\(name) is up")
  }

  private static func loopback(_ host: Case) -> Observation {
    guard let link = host.picture.links.first(where: { $0.flags.contains(.loopback) }) else {
      return .failed("there is no loopback link", why: "nothing can hold virtual addresses", mend: nil)
    }
    guard !link.isUp else { return .ok("\(link.name) is up") }
    let mend = Mend(shell: ["ip link set dev \(link.name) up"], then: .restore)
    // An address of IPv4 outlasts it.
    guard host.expectation.innerVersions.contains(.v6) else {
      return .warning("\(link.name) is down", why: "it holds virtual addresses, which may be lost", mend: mend)
    }
    return .failed("\(link.name) is down", why: "addresses of IPv6 that it held are gone", mend: mend)
  }

  private static func ipv6(_ host: Case) -> Observation {
    let links = linksWithIPv6(host.expectation)
    guard !links.isEmpty else { return .skipped("nothing here is about IPv6") }
    let off = links.filter { (host.picture.number("net/ipv6/conf/\($0)/disable_ipv6") ?? 1) != 0 }
    guard !off.isEmpty else { return .ok("IPv6 is on at \(list(links))") }
    return .failed(
      "IPv6 is switched off at \(list(off))", why: "the kernel drops every packet of IPv6 there",
      mend: Mend(shell: off.map { "sysctl -w net.ipv6.conf.\($0).disable_ipv6=0" }, then: .restore))
  }

  private static func linksWithIPv6(_ expectation: Expectation) -> [String] {
    var links: [String] = []
    if expectation.outerVersions.contains(.v6) { links.append(expectation.interface) }
    if expectation.innerVersions.contains(.v6) {
      links += expectation.arrivals + (expectation.holders[.v6] ?? [])
    }
    return links.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// `a`, `a and b`, `a, b and c`.
func list(_ items: [some CustomStringConvertible]) -> String {
  let words = items.map(\.description)
  guard words.count > 1, let last = words.last else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}
