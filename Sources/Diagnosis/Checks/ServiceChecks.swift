// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// Programs that answer.
enum ServiceChecks {
  static let all = [
    Check(.listening, after: [.virtualAddress, .duplicateAddress], listening),
    Check(.udpSource, after: [.virtualAddress, .listening], udpSource),
  ]

  private static func listening(_ host: Case) -> Observation {
    guard !host.expectation.services.isEmpty else {
      return .skipped("nobody said what to listen on: 'culvert real up … --service 80' does")
    }
    for (address, service) in host.servicesAtAddresses where host.receivers(address, service).isEmpty {
      return deaf(host, address, service)
    }
    if let refused = host.refusal { return refused }
    return .ok("programs listen on \(list(host.expectation.services))")
  }

  /// Somebody may listen at another address.
  private static func deaf(_ host: Case, _ address: IPAddress, _ service: ServicePort) -> Observation {
    let others = host.picture.sockets.filter { $0.protocolName == service.protocolName && $0.port == service.port }
    guard let other = others.first(where: { $0.address.version == address.version }) ?? others.first else {
      return .failed(
        "nothing listens on \(address) port \(service)",
        why: "the kernel refuses what nobody takes: start the program that serves it", mend: nil)
    }
    let isReachable = other.address.version == address.version && !other.address.isLoopback
    return .failed(
      "port \(service) is listened to at \(other.address) alone, not at \(address)",
      why: "clients ask the virtual address: have the program listen there, or at all addresses",
      mend: isReachable ? host.redirection(address, service, to: other.address) : nil)
  }

  private static func udpSource(_ host: Case) -> Observation {
    let datagrams = host.servicesAtAddresses.filter { $0.service.protocolName == .udp }
    guard !datagrams.isEmpty else { return .skipped("no service is one of UDP") }
    for (address, service) in datagrams {
      let target = host.target(address, service)
      guard target == address, host.receivers(address, service).allSatisfy(\.isWildcard) else { continue }
      return .failed(
        "the program at UDP port \(service.port) listens at all addresses, not at \(address)",
        why: "its answers come from this host's own address, and clients do not know it: have it bind \(address), "
          + "unless it answers from where it was asked by itself",
        mend: host.ownSource(towards: address).flatMap { host.redirection(address, service, to: $0) })
    }
    return .ok("datagrams are answered from the virtual address")
  }
}

extension Case {
  /// Each service at each virtual address; of a range, at its first one.
  var servicesAtAddresses: [(address: IPAddress, service: ServicePort)] {
    expectation.virtualAddresses.flatMap { prefix in expectation.services.map { (prefix.address, $0) } }
  }

  /// The sockets that packets of a client come to.
  func receivers(_ address: IPAddress, _ service: ServicePort) -> [OpenSocket] {
    let target = target(address, service)
    return picture.sockets.filter {
      $0.protocolName == service.protocolName && $0.port == service.port && $0.receives(target)
    }
  }

  /// Where a rule of the firewall sends what is for `address`, which is itself most often.
  func target(_ address: IPAddress, _ service: ServicePort) -> IPAddress {
    guard let client = expectation.client(address.version) else { return address }
    let packet = FirewallPacket(service, from: client, to: address, input: expectation.arrivals.first)
    return FirewallTrial(packet, through: picture.firewall, [.prerouting]).packet.destination
  }

  /// What the kernel chooses for answers of a program that leaves it to that.
  fileprivate func ownSource(towards address: IPAddress) -> IPAddress? {
    expectation.client(address.version).flatMap { picture.ownSources[$0] }
  }

  /// Has the firewall hand what is for the virtual address to one that a program listens at; it translates answers back.
  fileprivate func redirection(_ address: IPAddress, _ service: ServicePort, to other: IPAddress) -> Mend {
    let family = address.version.word
    let chain = "\(family) culvert_redirect prerouting"
    return .shell(
      """
      nft 'add table \(family) culvert_redirect; add chain \(chain) { type nat hook prerouting priority -100; }; \
      add rule \(chain) \(family) daddr \(address) \(service.protocolName.rawValue) dport \(service.port) dnat to \(other)'
      """)
  }

  /// A reset that the probe was answered with, although a socket seems to be there.
  fileprivate var refusal: Observation? {
    guard let probe = picture.probes.first(where: { $0.answer == .refused }) else { return nil }
    return .failed(
      "\(probe.question) was refused", why: "the program at this port does not take packets for this address", mend: nil
    )
  }
}

extension FirewallPacket {
  /// What a client sends to a service.
  init(_ service: ServicePort, from client: IPAddress, to address: IPAddress, input: String?) {
    self.init(
      transport: service.protocolName == .tcp ? 6 : 17, source: client, destination: address, sourcePort: 40_000,
      destinationPort: service.port, input: input)
  }
}
