// SPDX-License-Identifier: MIT
public import Linux
import SystemPackage

/// What the kernel's IP stack has counted since the network namespace was made.
///
/// Names are those of `nstat`: group and counter, such as `IpInDelivers`, `TcpExtIPReversePathFilter`, `Ip6InHdrErrors`.
public struct NetworkCounters: Hashable, Sendable {
  /// By name. A level, such as `TcpCurrEstab`, stands among them.
  public var values: [String: Int64]

  public init(values: [String: Int64]) {
    self.values = values
  }

  /// The counter of this name; 0 where the kernel has none.
  public subscript(name: String) -> Int64 { values[name] ?? 0 }

  /// The counters of the calling thread's network namespace now.
  public static func now() throws(LinuxError) -> NetworkCounters {
    var counters = NetworkCounters(values: [:])
    for file in ["snmp", "netstat"] { counters.addPairs(try read(file)) }
    // Not there without IPv6.
    if let text = try? read("snmp6") { counters.addList(text) }
    return counters
  }

  private static func read(_ file: String) throws(LinuxError) -> String {
    try TextFile.read(FilePath("/proc/thread-self/net/\(file)"))
  }

  /// What has changed since `earlier`, without what has not.
  public static func - (later: NetworkCounters, earlier: NetworkCounters) -> NetworkCounters {
    let differences = later.values.map { name, value in (name, value - earlier[name]) }
    return NetworkCounters(values: Dictionary(uniqueKeysWithValues: differences.filter { $0.1 != 0 }))
  }

  /// Reads pairs of lines, `Ip: Forwarding DefaultTTL …` and `Ip: 1 64 …`.
  mutating func addPairs(_ text: String) {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    for (names, numbers) in zip(lines, lines.dropFirst()) where names.first == numbers.first {
      guard let group = names.first?.dropLast() else { continue }
      for (name, number) in zip(names, numbers).dropFirst() { values["\(group)\(name)"] = Int64(number) }
    }
  }

  /// Reads lines such as `Ip6InReceives   12`.
  mutating func addList(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count == 2, let number = Int64(words[1]) else { continue }
      values[String(words[0])] = number
    }
  }
}
