// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

/// The virtual addresses of a file, found as the data plane finds them: by the longest prefix.
struct VirtualAddresses {
  /// The first service of each prefix.
  private var first: [IPPrefix: Entry<Service>] = [:]
  /// For each family, the lengths of its prefixes, the longest first.
  private var lengths: [IPVersion: [Int]]

  init(_ services: [Entry<Service>]) {
    for entry in services {
      guard let prefix = entry.content?.match.prefix, first[prefix] == nil else { continue }
      first[prefix] = entry
    }
    lengths = Dictionary(grouping: first.keys, by: \.address.version).mapValues { prefixes in
      Set(prefixes.map(\.length)).sorted(by: >)
    }
  }

  var prefixes: Dictionary<IPPrefix, Entry<Service>>.Keys { first.keys }

  /// The first service of exactly these addresses.
  subscript(prefix: IPPrefix) -> Entry<Service>? { first[prefix] }

  /// The longest prefix that holds all of `prefix`, and its first service. `prefix` itself does not count if the one
  /// that is looked for `isShorter`.
  func closest(to prefix: IPPrefix, isShorter: Bool = false) -> (prefix: IPPrefix, service: Entry<Service>)? {
    for length in lengths[prefix.address.version] ?? [] where length < prefix.length + (isShorter ? 0 : 1) {
      guard let wider = IPPrefix(address: prefix.address, length: length)?.masked else { continue }
      if let service = first[wider] { return (wider, service) }
    }
    return nil
  }
}

extension Consistency {
  /// Of two services that could both have a packet, one is the closer match.
  func checkServicesDiffer() {
    var seen: [ServiceGroup: [Entry<Service>]] = [:]
    for entry in services {
      guard let match = entry.content?.match else { continue }
      let group = ServiceGroup(match)
      if let other = seen[group]?.first(where: { $0.content?.match.isAmbiguous(with: match) == true }) {
        report(entry, match, isAmbiguousWith: other)
      }
      seen[group, default: []].append(entry)
    }
  }

  private func report(_ entry: Entry<Service>, _ match: ServiceMatch, isAmbiguousWith other: Entry<Service>) {
    let there = "\(other.value.label) (line \(other.value.start.line))"
    guard let ports = other.content?.match.ports, ports != match.ports else {
      let what = match.transportProtocol.hasPorts ? "address, protocol and port" : "address and protocol"
      entry.value.reading.report("\(entry.value.label) has the same \(what) as \(there)", at: entry.value.start)
      return
    }
    entry.value.reading.report(
      """
      ports \(Format.text(of: match.ports)) of \(entry.value.label) cross ports \(Format.text(of: ports)) of \(there) \
      at the same address: keep them apart, or let one range lie in the other, which then has the rest
      """, at: entry.value.position(of: "port"))
  }

  /// Each length costs the data plane a look-up; that of single addresses is always there.
  func checkPrefixLengths() {
    let limit = Settings.prefixLengthLimit - 1
    var lengths: Set<UInt8> = []
    for entry in services {
      guard let length = entry.content?.match.virtualAddress.length, length != 128,
        lengths.insert(length).inserted, lengths.count == limit + 1
      else { continue }
      entry.value.reading.report(
        """
        with \(entry.value.label) there are more than \(limit) different prefix lengths besides single addresses; an \
        IPv4 length counts as that of IPv6 which is 96 more
        """, at: entry.value.position(of: "address"))
    }
  }

  /// The ranges of one address and protocol are searched one after the other.
  func checkNumberOfRanges() {
    var counts: [ServiceGroup: Int] = [:]
    for entry in services {
      guard let match = entry.content?.match, !(match.prefix.isHost && match.ports.count == 1) else { continue }
      let group = ServiceGroup(match)
      counts[group, default: 0] += 1
      guard counts[group] == PortTable.limit + 1 else { continue }
      entry.value.reading.report(
        """
        with \(entry.value.label) there are more than \(PortTable.limit) services for \
        \(Words.word(match.transportProtocol)) at \(match.prefix.text), those of one port at a single address aside
        """, at: entry.value.start)
    }
  }

  /// The data plane does not go on to a shorter prefix when the longest has no service for a port.
  func warnOfLongerPrefixes() {
    for prefix in virtualAddresses.prefixes {
      guard let inner = virtualAddresses[prefix],
        let outer = virtualAddresses.closest(to: prefix, isShorter: true)
      else { continue }
      inner.value.reading.warn(
        """
        \(inner.value.label) takes \(prefix.text) out of \(outer.prefix) of \(outer.service.value.label) (line \
        \(outer.service.value.start.line)) with all ports and protocols: those that no service of \(prefix.text) is \
        for do not fall back to the shorter prefix
        """, at: inner.value.position(of: "address"))
    }
  }

  /// A policy is for the address or prefix of a service, and the only one.
  func checkPolicies() {
    let areServicesKnown = !services.isEmpty && services.allSatisfy { $0.content != nil }
    var seen: [IPPrefix: Position] = [:]
    for entry in policies {
      guard let prefix = entry.content?.prefix else { continue }
      let position = entry.value.position(of: "address")
      if virtualAddresses[prefix] == nil, areServicesKnown {
        entry.value.reading.report(
          "\(entry.value.label) has the address of no service: \(prefix.text)", at: position,
          suggestion: suggestedAddress(for: prefix))
      } else if let first = seen[prefix] {
        entry.value.reading.report(
          "\(entry.value.label) has an address that is given twice, first at \(first): \(prefix.text)", at: position)
      }
      seen[prefix] = seen[prefix] ?? position
    }
  }

  private func suggestedAddress(for prefix: IPPrefix) -> String? {
    virtualAddresses.closest(to: prefix)?.prefix.text
      ?? suggestion(for: prefix.text, among: virtualAddresses.prefixes.map(\.text).sorted())
  }
}

/// Services of the same virtual addresses and protocol, which differ in ports alone.
private struct ServiceGroup: Hashable {
  let prefix: IPPrefix
  let transport: TransportProtocol

  init(_ match: ServiceMatch) {
    prefix = match.prefix
    transport = match.transportProtocol
  }
}
