// SPDX-License-Identifier: MIT
public import ArgumentParser
import Configuration
import Glibc
import KernelEngine
import Linux

/// `culvert benchmark`: what a packet costs.
public struct Benchmark: ParsableCommand {
  public static let configuration = CommandConfiguration(
    abstract: "Measure packets, tables and checks on this machine.",
    usage: "culvert benchmark [<options>]",
    discussion: """
      Prints the nanoseconds of CPU time that forwarding one packet takes: the median of many short samples, the \
      smallest and the largest, and the ratio to one flow in settled slots. Figures are for comparison within one run. \
      The kernel engine is measured by BPF_PROG_TEST_RUN; nothing is attached.

      EXAMPLE: culvert benchmark --seconds 60
      """,
    subcommands: [BenchmarkChecks.self])

  @Option(help: "kernel or userspace; by default every one that this process may use.")
  var engine: EngineKind?

  @Option(help: "How long to measure, 1 to 3600 seconds.")
  var seconds = 20

  @Flag(help: "Show the sizes of the kernel's programs, and measure nothing.")
  var programs = false

  @Flag(help: "Measure how long tables are computed, and how much memory that takes, instead of packets.")
  var tables = false

  @Option(help: "With --tables: how many services, 1 to 10000.")
  var services = 1000

  @Option(help: "With --tables: how many servers each of them has, 1 to 1000.")
  var servers = 100

  @Flag(help: "Print JSON.")
  var json = false

  public init() {}

  public func validate() throws {
    guard 1...3600 ~= seconds else { throw ValidationError("--seconds is 1 to 3600") }
    guard 1...10_000 ~= services else { throw ValidationError("--services is 1 to 10000") }
    guard 1...1000 ~= servers else { throw ValidationError("--servers is 1 to 1000") }
    guard !(programs && tables) else { throw ValidationError("choose one of --programs and --tables") }
  }

  public func run() throws {
    try explaining { programs ? try showPrograms() : tables ? try measureTables() : try measure() }
  }

  private func measureTables() throws {
    var benchmark = TablesBenchmark(services: services, servers: servers)
    let report = try benchmark.run()
    if json { try Output.json(report) } else { print(report.text) }
  }

  private func showPrograms() throws {
    let report = ProgramReport(try ProgramSize.all())
    if json { try Output.json(report) } else { print(report.text) }
  }

  private func measure() throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var runs = try engines.map { try BenchmarkRun($0) }
    var progress = Progress(until: deadline)
    repeat {
      for index in runs.indices { try runs[index].takeTurns() }
      progress.show()
    } while ContinuousClock.now < deadline
    progress.end()
    for run in runs { try run.verifyThatAllWereSent() }
    let report = BenchmarkReport(runs)
    if json { try Output.json(report) } else { print(report.text) }
  }

  private var engines: [EngineKind] {
    if let engine { return [engine] }
    if Capability.bpf.isEffective { return EngineKind.allCases }
    Output.note("the kernel engine is left out: it \(Capability.bpf.advice)")
    return [.userspace]
  }
}

/// The time that is left, on a line of its own, where the standard error is a terminal.
private struct Progress {
  private let deadline: ContinuousClock.Instant
  private let isVisible = isatty(STDERR_FILENO) == 1

  init(until deadline: ContinuousClock.Instant) {
    self.deadline = deadline
  }

  mutating func show() {
    let left = max(.zero, deadline - ContinuousClock.now).components.seconds
    write("\r\u{1B}[Kmeasuring, \(left) s left")
  }

  func end() {
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    guard isVisible else { return }
    Output.progress(text)
  }
}
