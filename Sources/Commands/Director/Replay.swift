// SPDX-License-Identifier: MIT
public import ArgumentParser
import Capture
import Configuration
import DataPlane
import Linux
import SystemPackage

extension EngineKind: ExpressibleByArgument {}

/// `culvert replay`: a capture through the data plane, offline.
public struct Replay: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Run a capture through the data plane, offline.",
    discussion: """
      Each packet meets the same code that forwards live traffic; what would be sent is written to --write. No network \
      is involved: servers count as reachable by next hops 02:00 and their IPv4 address. The userspace engine needs no \
      privilege, the kernel engine runs the loaded program by BPF_PROG_TEST_RUN.

      EXAMPLE: culvert replay --config culvert.yaml --read in.pcap --write out.pcap
      """)

  @Option(help: "The configuration file.")
  var config: String

  @Option(help: "The capture to read (pcap, link type Ethernet).")
  var read: String

  @Option(help: "Where to write the packets that are sent (pcap).")
  var write: String

  @Option(help: "userspace or kernel.")
  var engine = EngineKind.userspace

  @Option(help: "The MTU of the way to the servers.")
  var mtu: UInt16 = 1500

  @Flag(help: "Print a line of JSON for each packet.")
  var json = false

  public init() {}

  public func run() throws {
    let configuration = try Check.read(config)
    try explaining {
      var reader = try Self.open(read)
      var format = reader.format
      // Packets grow: readers cut those that are longer than the file's header says.
      format.snapLength = CaptureFormat.packetLimit
      var writer = CaptureWriter(format: format)
      var summary = ReplaySummary()
      var player = try Player(configuration, engine: engine, mtu: mtu)
      while let packet = try reader.next() {
        let played = try player.play(packet, number: summary.packets + 1)
        if let sent = played.sent { writer.append(sent) }
        if json { print(try played.json(configuration)) }
        summary.count(played.verdict)
      }
      try writer.takeBytes().write(to: FilePath(write))
      Output.note(summary.text)
    }
  }

  private static func open(_ path: String) throws -> CaptureReader {
    let bytes = try [UInt8](contentsOf: FilePath(path))
    do {
      return try CaptureReader(bytes)
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }
}

/// How many packets got which verdict.
private struct ReplaySummary {
  private var counts: [Verdict: Int] = [:]
  private(set) var packets = 0

  mutating func count(_ verdict: Verdict) {
    counts[verdict, default: 0] += 1
    packets += 1
  }

  var text: String {
    let parts = counts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
    return "\(packets) packets: \(parts.isEmpty ? "none" : parts.joined(separator: ", "))"
  }
}
