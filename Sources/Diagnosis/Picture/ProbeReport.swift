// SPDX-License-Identifier: MIT
import Provisioning
import Wire

/// What became of one packet that the host was handed as a director would have sent it.
struct ProbeReport: Hashable, Sendable {
  /// Who it came from, inside.
  var client: IPAddress
  var virtualAddress: IPAddress
  /// nil for an echo request.
  var service: ServicePort?
  var answer: Answer
  /// What the kernel dropped meanwhile, by its own names of reasons, such as `IP_RPFILTER`.
  var drops: [String: Int] = [:]
  /// Packets that the reverse path filter dropped meanwhile.
  var reversePathDrops = 0

  enum Answer: Hashable, Sendable {
    case none
    /// A SYN-ACK.
    case accepted
    /// A TCP reset.
    case refused
    /// An ICMP error, in words.
    case unreachable(String)
    /// An echo reply, or a datagram.
    case replied(from: IPAddress)
  }
}

extension ProbeReport {
  /// Whether it was answered as a client would have it: from the virtual address.
  var isGood: Bool {
    switch answer {
    case .accepted: true
    case .replied(let source): source == virtualAddress
    case .none, .refused, .unreachable: false
    }
  }

  var question: String {
    service.map { "a SYN for \(virtualAddress) port \($0.port)" } ?? "an echo request for \(virtualAddress)"
  }

  /// Whether the reverse path filter has dropped it, by the kernel's own account.
  var wasFiltered: Bool { !isGood && (reversePathDrops > 0 || drops["IP_RPFILTER"] != nil) }

  /// Whether a firewall has.
  var wasFirewalled: Bool { !isGood && drops["NETFILTER_DROP"] != nil }
}
