// SPDX-License-Identifier: MIT
import BPF
import Glibc
import Linux
import TestSupport

extension Lab {
  /// Writes the configuration of a TCP and a UDP service at 203.0.113.80 with two servers; `changes` are made to it.
  func configure(engine: String, _ changes: (old: String, new: String)...) throws {
    let text = """
      director: { interface: eth0, engine: \(engine) }
      servers:
        a1: { address: 10.1.0.11 }
        b1: { address: 10.2.0.11, encapsulation: gre }
      services:
        web: { address: 203.0.113.80, port: 80, servers: [a1, b1] }
        dns: { address: 203.0.113.80, port: 53, protocol: udp, servers: [a1, b1] }

      """
    try files.write(changes.reduce(text) { $0.replacing($1.old, with: $1.new) }, to: "c.yaml")
  }

  private var options: [String] { ["--state-directory", stateDirectory, "--bpffs", bpffs] }

  /// Starts a director in the calling thread's namespace; `without` names capabilities that it does not get.
  func launch(without capabilities: [String] = [], _ more: String...) throws -> ChildProcess {
    let arguments = ["run", "--config", files.path(of: "c.yaml")] + options + more
    guard !capabilities.isEmpty else { return try ChildProcess.culvert(arguments) }
    let set = capabilities.map { "-\($0)" }.joined(separator: ",")
    return try ChildProcess("setpriv", ["--bounding-set", set, ChildProcess.culvertPath] + arguments)
  }

  /// Starts a director and waits until it forwards.
  func start(_ more: String...) throws -> ChildProcess {
    let process = try launch()
    _ = try process.line("forwarding")
    return process
  }

  /// Runs another command beside the director.
  func culvert(_ words: String) throws -> Ending {
    try ChildProcess.culvert(words.split(separator: " ").map(String.init) + options).ending()
  }

  /// Sends a UDP datagram to the service from the router.
  func sendDatagram() throws {
    try router.run {
      try ip("route replace 203.0.113.80 via 192.0.2.10")
      _ = try ChildProcess("bash", ["-c", "echo culvert >/dev/udp/203.0.113.80/53"]).end()
    }
  }

  /// What a director leaves when it was killed, in one line; empty if there is nothing.
  func remains() throws -> String {
    var remains: [String] = []
    if try ip("link show").contains("xdp") { remains.append("xdp") }
    if try ip("route show table all proto 197").contains("blackhole 203.0.113.80") { remains.append("blackhole") }
    if let pins = try? BPFFileSystem(at: bpffs).names(), !pins.isEmpty { remains.append("pins") }
    let namespace = try NetworkNamespace.current().number()
    for file in ["configuration.yaml", "tables"] where !files.read("state/\(namespace)/eth0/\(file)").isEmpty {
      remains.append(file)
    }
    return remains.joined(separator: " ")
  }
}

extension ChildProcess {
  /// Waits for a line of the log that ends with `message` and holds all of `details`.
  func line(_ message: String, _ details: String...) throws -> Substring {
    try eventually("\"\(message)\" with \(details) in the log: \(errors)", within: .seconds(20)) {
      let found = errors.split(separator: "\n").first { line in
        line.hasSuffix("] \(message)") && details.allSatisfy { line.contains($0) }
      }
      if found == nil {
        guard exitStatus == nil else { throw CommandFailure(description: "it ended with \(errors)") }
        rest()
      }
      return found
    }
  }

  /// Asks it to end, and waits until it has.
  func stop() throws -> CInt {
    send(SIGTERM)
    return try end()
  }
}
