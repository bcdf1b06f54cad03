// SPDX-License-Identifier: MIT
import Configuration
import DataPlane

/// What `culvert benchmark` found. docs/benchmark.md describes it.
struct BenchmarkReport: Encodable {
  let results: [Result]

  /// One case on one engine, in nanoseconds for a packet.
  struct Result: Encodable {
    let engine: String
    let traffic: String
    let flows: Int
    let encapsulation: String
    let median: Double
    let lowerQuartile: Double
    let upperQuartile: Double
    /// To one flow in settled slots through IPIP, on the same engine.
    let ratio: Double
    let samples: Int
  }

  init(_ runs: [BenchmarkRun]) {
    results = runs.flatMap { run in
      let reference = Self.median(run.samples[.reference] ?? [])
      return BenchmarkCase.all.compactMap { item in
        run.samples[item].flatMap { Result(engine: run.kind.rawValue, item, $0, reference: reference) }
      }
    }
  }

  fileprivate static func median(_ samples: [Double]) -> Double {
    quantile(0.5, of: samples)
  }

  /// What `part` of the samples lie below.
  fileprivate static func quantile(_ part: Double, of samples: [Double]) -> Double {
    samples.isEmpty ? .nan : samples.sorted()[min(Int(Double(samples.count) * part), samples.count - 1)]
  }
}

extension BenchmarkReport.Result {
  fileprivate init?(engine: String, _ item: BenchmarkCase, _ samples: [Double], reference: Double) {
    guard !samples.isEmpty else { return nil }
    self.engine = engine
    traffic = item.traffic.rawValue
    flows = Int(item.flows)
    encapsulation = "\(item.encapsulation)"
    median = BenchmarkReport.median(samples)
    lowerQuartile = BenchmarkReport.quantile(0.25, of: samples)
    upperQuartile = BenchmarkReport.quantile(0.75, of: samples)
    ratio = median / reference
    self.samples = samples.count
  }
}

// On 80 columns.
extension BenchmarkReport {
  var text: String {
    let engines = results.map(\.engine).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let title = String(repeating: " ", count: 29) + engines.map { "\($0) engine".padded(26) }.joined()
    let head = "slots, segments     flows" + "    " + engines.map { _ in "   ns (half in)    ratio  " }.joined()
    let rows = BenchmarkCase.all.map { item in
      line(item, engines.map { engine in results.first { $0.engine == engine && $0.isOf(item) } })
    }
    return ([title.trimmed, head.trimmed] + rows + [Self.note(results.map(\.samples).min() ?? 0)])
      .joined(separator: "\n")
  }

  private func line(_ item: BenchmarkCase, _ results: [Result?]) -> String {
    let cells = results.map { result in
      guard let result else { return String(repeating: " ", count: 26) }
      let range = "\(Int(result.lowerQuartile.rounded()))-\(Int(result.upperQuartile.rounded()))"
      return "\(Int(result.median.rounded()))".aligned(5) + " (\(range))".padded(13)
        + hundredths(result.ratio).aligned(6)
        + "  "
    }
    return
      (item.traffic.rawValue.padded(14) + grouped(Int(item.flows)).aligned(9) + " "
      + "\(item.encapsulation)".padded(5) + cells.joined()).trimmed
  }

  private static func note(_ samples: Int) -> String {
    """
    CPU time for one packet of 64 bytes: the median of \(samples) samples or more, each of
    \(grouped(BenchmarkRun.rounds)) packets. The ratio is to one flow in settled slots through IPIP.
    Figures are for comparison within one run: another machine, load or kernel gives
    others. Every packet was sent: the engines' counters say so.
    """
  }
}

extension BenchmarkReport.Result {
  fileprivate func isOf(_ item: BenchmarkCase) -> Bool {
    traffic == item.traffic.rawValue && flows == item.flows && encapsulation == "\(item.encapsulation)"
  }
}

/// `1.25`
func hundredths(_ value: Double) -> String {
  guard value.isFinite else { return "-" }
  let hundredths = Int((value * 100).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// `1,000,000`
private func grouped(_ number: Int) -> String {
  let digits = Array("\(number)")
  return digits.indices.reduce(into: "") { text, index in
    if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digits[index])
  }
}
