// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// Who else could have packets taken out of a tunnel here, and which director cannot.
enum ExposureChecks {
  static let all = [
    Check(.director, after: [.decapsulator, .tunnelKind, .allowList], director),
    Check(.fallback, fallback),
    Check(.openTunnel, openTunnel),
    Check(.answer, after: Set(CheckName.allCases).subtracting([.answer]), answer),
  ]

  private static func director(_ host: Case) -> Observation {
    guard host.expectation.decapsulation != .unneeded else { return .skipped("packets come without a tunnel") }
    let known = host.expectation.request.directors
    if let asked = host.expectation.director, !known.contains(where: { $0.covers(asked) }) {
      return .failed(
        "\(asked) is none of the directors, which are \(list(known.map(\.brief)))",
        why: "packets of a tunnel from anybody else are dropped", mend: host.admitting(asked))
    }
    let program = host.picture.decapsulator
    guard let strangers = program?.fromStrangers, strangers > 0 else {
      return .ok("directors are \(list(known.map(\.brief)))")
    }
    let found = "\(strangers) packets of tunnels came from others than \(list(known.map(\.brief)))"
    let why = "they are dropped: 'culvert real doctor --director ADDRESS' asks about the address of a director"
    guard strangers >= fewStrangers, strangers > program?.decapsulated ?? 0 else {
      return .warning(found, why: why, mend: nil)
    }
    return .failed("\(found), and fewer from these", why: why, mend: nil)
  }

  /// Packets that anybody may get from the Internet.
  private static let fewStrangers = 10

  /// What the kernel's drivers bring with them, each by its name.
  private static let fallbacks = ["tunl0", "gre0", "sit0", "ip6tnl0", "ip6gre0"]

  private static func fallback(_ host: Case) -> Observation {
    let up = fallbacks.filter { host.picture.link($0)?.isUp == true }
    guard !up.isEmpty else { return .ok("the drivers' own devices, such as tunl0, are down or not there") }
    return .failed(
      "\(list(up)) is up", why: "it takes all packets that no other tunnel takes, from anybody (CVE-2020-10136)",
      mend: Mend(shell: up.map { "ip link set dev \($0) down" }))
  }

  private static func openTunnel(_ host: Case) -> Observation {
    let open = host.picture.links.filter { $0.isOpenTunnel && !fallbacks.contains($0.name) }.map(\.name)
    if !open.isEmpty {
      return .failed(
        "\(list(open)) takes packets from anybody",
        why: "whoever knows its address can have packets with any source sent from here (CVE-2020-10136)",
        mend: Mend(shell: open.map { "ip link set dev \($0) down" }))
    }
    guard let wide = host.picture.decapsulator?.directors.first(where: \.isMostOfTheWorld) else {
      return .ok("packets are taken out of tunnels from directors alone")
    }
    return .failed(
      "Culvert's decapsulator takes packets from \(wide.brief)",
      why: "whoever knows its address can have packets with any source sent from here (CVE-2020-10136)",
      mend: host.expectation.request.directors.contains(wide) ? nil : .restoring)
  }

  private static func answer(_ host: Case) -> Observation {
    let probes = host.picture.probes
    guard !probes.isEmpty else {
      return .skipped("no packet was tried: \(host.picture.probeRefusal ?? "nobody said what there is to ask for")")
    }
    guard let lost = probes.first(where: { !$0.isGood }) else { return .ok(list(probes.map(\.story))) }
    return .failed(lost.story, why: lost.reasons, mend: nil)
  }
}

extension Link {
  /// Whether it decapsulates for everybody.
  fileprivate var isOpenTunnel: Bool {
    guard case .tunnel(let kind, let tunnel) = info else { return false }
    return isUp && tunnel.remote == nil && kind != .gretap && kind != .ip6gretap
  }
}

extension IPPrefix {
  /// Nobody owns so many addresses.
  fileprivate var isMostOfTheWorld: Bool { length < (address.version == .v4 ? 8 : 16) }
}

extension ProbeReport {
  fileprivate var story: String { "\(question) from \(client) was \(ending)" }

  private var ending: String {
    switch answer {
    case .none: "not answered"
    case .accepted: "answered"
    case .refused: "refused"
    case .unreachable(let words): "answered with an error: \(words)"
    case .replied(let source): "answered from \(source)"
    }
  }

  /// What the kernel says.
  fileprivate var reasons: String {
    guard !drops.isEmpty else { return "the kernel tells no reason" }
    return "the kernel has dropped, meanwhile: "
      + list(drops.sorted { $0.key < $1.key }.map { "\($0.value) for \($0.key)" })
  }
}
