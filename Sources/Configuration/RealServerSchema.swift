// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// What the file of a real server looks like: every key with its form and default.
struct RealServerSchema {
  func read(_ file: Value) -> RealServerConfiguration? {
    file.fields { fields -> RealServerConfiguration? in
      let interface = fields.required("interface", scalar(Format.interface))
      let virtual = fields.required("virtual-addresses") {
        several("virtual address", $0, scalar(Format.unicastPrefix))
      }
      var configuration = RealServerConfiguration(interface: interface ?? "", virtualAddresses: contents(virtual))
      let tunnel = readTunnel(&configuration, &fields)
      let services = fields.optional("services") { several("service", $0, scalar(Format.listeningPort)) }
      configuration.services = contents(services)
      configuration.bpffs = fields.optional("bpffs", scalar(Format.path))
      checkAddressesDiffer((virtual ?? []) + tunnel)
      checkServicesDiffer(services ?? [])
      return interface == nil || virtual == nil ? nil : configuration
    }
  }

  /// Reads what is about the tunnel, and returns the addresses in it. Where the encapsulation cannot be read, every key
  /// of any may stand.
  private func readTunnel(_ configuration: inout RealServerConfiguration, _ fields: inout Fields) -> [Entry<IPPrefix>] {
    let encapsulation = fields.optional("encapsulation", default: .ipip, scalar(Format.choice(Words.encapsulations)))
    configuration.encapsulation = encapsulation ?? .ipip
    readShim(&configuration, encapsulation, &fields)
    let isTunnel = encapsulation != .l2
    let reason = "is for tunnels: l2 has none, so leave it out"
    let directors = directors(&fields, isTunnel: isTunnel, reason)
    configuration.directors = contents(directors)
    let local = fields.optional("local", where: isTunnel, otherwise: reason) {
      several("address", $0, scalar { (text) throws(Refusal) in IPPrefix(host: try Format.unicastAddress(text)) })
    }
    configuration.local = contents(local).map(\.address)
    configuration.mtu = fields.optional(
      "mtu", where: isTunnel, otherwise: reason, scalar(Format.number(in: 576...65_535))
    ).map { UInt32($0) }
    configuration.decapsulation =
      fields.optional(
        "decapsulate", where: isTunnel, otherwise: reason, scalar(Format.choice(Words.decapsulations))) ?? .auto
    return (directors ?? []) + (local ?? [])
  }

  private func directors(_ fields: inout Fields, isTunnel: Bool, _ reason: String) -> [Entry<IPPrefix>]? {
    let read: Reader<[Entry<IPPrefix>]> = { several("director", $0, scalar(Format.unicastPrefix)) }
    return isTunnel
      ? fields.required("directors", read) : fields.optional("directors", where: false, otherwise: reason, read)
  }

  private func readShim(
    _ configuration: inout RealServerConfiguration, _ encapsulation: Encapsulation?, _ fields: inout Fields
  ) {
    let word = encapsulation.map { Words.word($0) } ?? ""
    configuration.key = fields.optional(
      "key", where: [.gre, nil].contains(encapsulation),
      otherwise: "is for gre, not \(word): write \"encapsulation: gre\" or leave it out",
      scalar(Format.number(in: 0...Int(UInt32.max)))
    ).map { UInt32($0) }
    configuration.port = fields.optional(
      "port", where: encapsulation?.isOverUDP ?? true,
      otherwise: "is the UDP port of a tunnel, for gue and fou, not \(word): what the host serves is \"services\"",
      scalar(Format.number(in: 1...65_535))
    ).map { UInt16($0) }
  }

  /// One value, or a list of them.
  private func several<Content>(_ noun: String, _ value: Value, _ read: Reader<Content>) -> [Entry<Content>]? {
    value.several(of: noun, in: "the file", limit: RealServerConfiguration.entryLimit, read: read)
  }

  private func contents<Content>(_ entries: [Entry<Content>]?) -> [Content] { entries?.compactMap(\.content) ?? [] }

  /// An address has one role, and stands once.
  private func checkAddressesDiffer(_ entries: [Entry<IPPrefix>]) {
    var seen: [IPPrefix: Position] = [:]
    for entry in entries {
      guard let prefix = entry.content else { continue }
      if let first = seen[prefix] {
        entry.value.reading.report(
          "\(entry.value.label) is \(prefix.text), which stands at \(first) already: virtual addresses, directors "
            + "and local addresses all differ", at: entry.value.node.position)
      }
      seen[prefix] = seen[prefix] ?? entry.value.node.position
    }
  }

  private func checkServicesDiffer(_ entries: [Entry<RealServerConfiguration.ListeningPort>]) {
    var seen: Set<RealServerConfiguration.ListeningPort> = []
    for entry in entries {
      guard let port = entry.content, !seen.insert(port).inserted else { continue }
      entry.value.refuse("is \(port), which stands in the list already")
    }
  }
}

extension Format {
  /// A port with a protocol, such as `53/udp`; one of TCP where no protocol is named.
  static func listeningPort(_ text: String) throws(Refusal) -> RealServerConfiguration.ListeningPort {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts.count == 2 ? parts[1] : "tcp"
    guard let port = (try? number(in: 1...65_535)(parts[0])).map({ UInt16($0) }), ["tcp", "udp"].contains(name) else {
      throw Refusal(
        reason: "must be a port such as 80, 80/tcp or 53/udp, not \(quoted(text))",
        suggestion: swapped(parts) ?? (name == "quic" ? "\(parts[0])/udp" : nil))
    }
    return RealServerConfiguration.ListeningPort(name, port)
  }

  /// `tcp/80` the other way round.
  private static func swapped(_ parts: [String]) -> String? {
    guard parts.count == 2, ["tcp", "udp"].contains(parts[0].lowercased()), UInt16(parts[1]) != nil else { return nil }
    return "\(parts[1])/\(parts[0].lowercased())"
  }

  /// A path from the root.
  static func path(_ text: String) throws(Refusal) -> String {
    guard text.hasPrefix("/"), text.utf8.count < 4096, text.allSatisfy({ !$0.isNewline }) else {
      throw Refusal(reason: "must be a path from the root, such as /sys/fs/bpf, not \(quoted(text))")
    }
    return text
  }
}
