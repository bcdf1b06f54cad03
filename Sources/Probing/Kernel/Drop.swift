// SPDX-License-Identifier: MIT
public import Wire

/// A packet that the kernel dropped, as its trace event `skb:kfree_skb` tells.
public struct Drop: Hashable, Sendable {
  /// The kernel's word, such as `NO_SOCKET` or `IP_RPFILTER`; newer kernels have more of them.
  public var reason: String
  /// The function of the kernel that dropped it, such as `tcp_v4_rcv`.
  public var function: String
  /// What the packet is, where it was dropped.
  public var type: EtherType
  /// The thread that ran meanwhile: that of an injection, unless the kernel put the work off.
  public var thread: Int

  public init(reason: String, function: String, type: EtherType, thread: Int) {
    self.reason = reason
    self.function = function
    self.type = type
    self.thread = thread
  }

  /// Reads a line of a trace; nil for others than this event. By the names of its fields: their order and number differ.
  init?(line: some StringProtocol) {
    guard let event = line.firstRange(of: " kfree_skb: "), let task = line.firstRange(of: " ["),
      task.upperBound < event.lowerBound,
      let thread = line[..<task.lowerBound].split(separator: "-").last.flatMap({ Int($0.prefix { $0.isNumber }) }),
      let reason = line.firstRange(of: " reason: ")
    else { return nil }
    let fields = line[event.upperBound..<reason.lowerBound].split(separator: " ")
    func field(_ name: String) -> Substring? {
      fields.first { $0.hasPrefix("\(name)=") }.map { Substring($0.dropFirst(name.count + 1)) }
    }
    guard let type = field("protocol").flatMap({ UInt16($0) }), let location = field("location") else { return nil }
    self.init(
      reason: String(line[reason.upperBound...]), function: String(location.prefix { $0 != "+" }),
      type: EtherType(rawValue: type), thread: thread)
  }
}
