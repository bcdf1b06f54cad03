// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Linux
import SystemPackage
import TestSupport
import Wire

/// A frame, and what scapy says that the data plane makes of it: a line of `Tests/Golden/frames.txt`.
struct GoldenFrame {
  let name: String
  let configuration: String
  let verdict: Verdict
  let arriving: [UInt8]
  let leaving: [UInt8]
}

/// What `Tests/Golden/make-golden.py` wrote.
enum GoldenFrames {
  /// A configuration file and the frames that are for it.
  static let configurations = ["plain", "range", "tagged", "other"]

  private static let directory = FilePath(#filePath)
    .removingLastComponent().removingLastComponent().appending("Golden")

  static func all() throws -> [GoldenFrame] {
    try text("frames.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }.map(frame)
  }

  static func all(for configuration: String) throws -> [GoldenFrame] {
    try all().filter { $0.configuration == configuration }
  }

  private struct UnreadableLine: Error {
    let line: Substring
  }

  private static func frame(_ line: Substring) throws -> GoldenFrame {
    let words = line.split(separator: " ")
    guard words.count == 5, let verdict = Verdict.allCases.first(where: { "\($0)" == words[2] }),
      let arriving = bytes(words[3]), let leaving = bytes(words[4])
    else { throw UnreadableLine(line: line) }
    return GoldenFrame(
      name: String(words[0]), configuration: String(words[1]), verdict: verdict, arriving: arriving, leaving: leaving)
  }

  private static func bytes(_ digits: Substring) -> [UInt8]? {
    let nibbles = digits.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard nibbles.count == digits.utf8.count, nibbles.count % 2 == 0 else { return nil }
    return stride(from: 0, to: nibbles.count, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
  }

  private static func text(_ name: String) throws -> String {
    try TextFile.read(directory.appending(name))
  }

  /// The writes that lead empty tables to a configuration, each server having a next hop of its own.
  static func update(for configuration: String) throws -> TableUpdate? { try updates[configuration]?.get() }

  private static let updates = Dictionary(
    uniqueKeysWithValues: configurations.map { name in (name, Result { try computeUpdate(for: name) }) })

  private static func computeUpdate(for name: String) throws -> TableUpdate {
    let file = "\(name).yaml"
    let configuration = try DirectorConfiguration.read(text: text(file), file: file).configuration
    var paths: [IPAddress: Destination.Path] = [:]
    for address in configuration.servers.map(\.address) {
      paths[address] = path(to: address, sources: configuration.sources, vlan: name == "tagged" ? 42 : 0)
    }
    var state = ForwardingState()
    return try state.apply(configuration.balancing, paths: paths, now: EnginePair.now)
  }

  /// As `culvert replay` has it: by 02:00 and the last four bytes of the server's address.
  private static func path(to server: IPAddress, sources: [IPPrefix], vlan: UInt16) -> Destination.Path? {
    sources.first { $0.address.version == server.version }.map { source in
      Destination.Path(
        source: source, nextHop: MACAddress(bits: 0x0200_0000_0000 | server.mapped.low & 0xFFFF_FFFF),
        egress: "02:00:00:00:00:01", interface: 1, vlan: vlan, mtu: 1500)
    }
  }
}
