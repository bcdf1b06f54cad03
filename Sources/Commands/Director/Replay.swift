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
    usage: "culvert replay --config <config> --read <pcap> --write <pcap> [<options>]",
    discussion: """
      Each packet meets the same code that forwards live traffic; what would be sent is written to --write. No network \
      is involved: servers count as reachable by next hops 02:00 and their IPv4 address. The userspace engine needs no \
      privilege, the kernel engine runs the loaded program by BPF_PROG_TEST_RUN.

      EXAMPLE: culvert replay --config culvert.yaml --read in.pcap --write out.pcap
      """)

  @Option(help: "The configuration file.")
  var config: String

  @Option(help: ArgumentHelp("The capture to read (link type Ethernet).", valueName: "pcap"))
  var read: String

  @Option(help: ArgumentHelp("Where to write the packets that are sent.", valueName: "pcap"))
  var write: String

  @Option(help: "userspace or kernel.")
  var engine = EngineKind.userspace

  @Option(help: "The MTU of the way to the servers.")
  var mtu: UInt16 = 1500

  @Flag(help: "Print a line of JSON for each packet.")
  var json = false

  public init() {}

  public func run() throws {
    let configuration = try CheckConfiguration.read(config)
    let summary = try explaining { try replay(configuration) }
    Output.note(summary.text)
  }

  private func replay(_ configuration: DirectorConfiguration) throws -> ReplaySummary {
    let bytes = try [UInt8](contentsOf: FilePath(read))
    var reader = try naming(read) { () throws(CaptureError) in try CaptureReader(bytes) }
    var format = reader.format
    // Packets grow: readers cut those that are longer than the file's header says.
    format.snapLength = CaptureFormat.packetLimit
    var writer = CaptureWriter(format: format)
    var summary = ReplaySummary()
    var player = try Player(configuration, engine: engine, mtu: mtu)
    while let packet = try naming(read, { () throws(CaptureError) in try reader.next() }) {
      let played = try player.play(packet, number: summary.packets + 1)
      if let sent = played.sent { writer.append(sent) }
      if json { print(try played.json(configuration)) }
      summary.count(played.verdict)
    }
    try writer.takeBytes().write(to: FilePath(write))
    return summary
  }

  /// Runs `body`, and names the file where the capture is at fault.
  private func naming<Result>(_ file: String, _ body: () throws(CaptureError) -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw CommandFailure("\(file): \(error)")
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

  /// The most frequent verdict first.
  var text: String {
    let parts = counts.map { (count: $0.value, name: "\($0.key)") }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }.map { "\($0.name) \($0.count)" }
    return Output.count(packets, "packet") + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))")
  }
}
