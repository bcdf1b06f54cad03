// SPDX-License-Identifier: MIT
public import ArgumentParser
import Balancing
import DataPlane
import Director
import Glibc
import Health

/// `culvert list`: services, their real servers, and what they get.
public struct List: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Show services, real servers, slots and traffic.",
    usage: "culvert list [<options>]",
    discussion: """
      Reads the tables that forward packets, also when no process supervises them. Rates are measured over --interval.

      EXAMPLE: culvert list --interval 2
      """)

  @Option(help: "The interface of the director to show, where several run.")
  var interface: String?

  @OptionGroup var state: StateOptions

  @Option(help: "Seconds over which rates are measured; 0 for none.")
  var interval = 0.5

  @Flag(help: "Print JSON.")
  var json = false

  public init() {}

  public func validate() throws {
    guard 0...60 ~= interval else { throw ValidationError("--interval is 0 to 60 seconds") }
  }

  public func run() throws {
    let listing = try explaining {
      let director = try RunningDirector(
        stateDirectory: state.stateDirectory, bpffs: state.bpffs, interface: interface)
      let before = interval > 0 ? try Sample(director.tables) : nil
      if interval > 0 { usleep(UInt32(interval * 1_000_000)) }
      return try Listing(director, before: before, after: try Sample(director.tables))
    }
    if json {
      try Output.json(listing)
    } else {
      print(listing.text(at: .now))
    }
  }
}

/// The counters at one moment.
struct Sample {
  let time = ContinuousClock.now
  let traffic: [DestinationIndex: TrafficCounter]
  let verdicts: [UInt32: [Verdict: UInt64]]

  init(_ tables: any TableReading) throws {
    traffic = try tables.traffic()
    verdicts = try tables.verdicts()
  }
}
