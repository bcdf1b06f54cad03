// SPDX-License-Identifier: MIT
import ArgumentParser
import Configuration
import DataPlane
import FoundationEssentials
import Linux
import Provisioning
import SystemPackage
import Wire

/// What a real server is to be: a file says all of it, or options do.
struct RealOptions: ParsableArguments {
  @Option(help: "A file that says all of this; then no other option of it may.")
  var config: String?

  @Option(help: "A virtual address, or a prefix of them, that this host serves; repeatable.")
  var vip: [String] = []

  @Option(help: "The address or prefix that a director sends from; repeatable.")
  var director: [String] = []

  @Option(help: "Where directors' packets arrive.")
  var interface: String?

  @Option(help: "What directors send: ipip, gre, gue, fou or l2. (default: ipip; bpf takes ipip and gre always)")
  var encapsulation: Delivery?

  @Option(help: "The key in directors' packets (gre).")
  var key: UInt32?

  @Option(help: "The UDP port that directors send to (gue and fou). (default: 6080)")
  var port: UInt16?

  @Option(help: "The largest packet that comes through from directors, in bytes. (default: as routes to them have it)")
  var mtu: UInt32?

  @Option(help: "Who takes packets out of tunnels: auto, kernel or bpf. (default: auto)")
  var decapsulate: RealServerRequest.Choice?

  @Option(help: "The address that directors send to; repeatable. (default: all of the interface)")
  var local: [String] = []

  @Option(help: "What the host is to listen on, such as 80 or 53/udp, for 'real doctor'; repeatable.")
  var service: [String] = []

  /// What is asked for; `bpffs` is where the BPF file system is, unless the file says so.
  func request(bpffs: String) throws -> RealServerRequest {
    guard let config else { return try requestOfOptions(bpffs) }
    if let (option, _) = given.first {
      throw CommandFailure("--config says everything: leave \(option) out, or write it into \(config)")
    }
    return RealServerRequest(try Self.read(config), bpffs: bpffs)
  }

  /// The options that make the same request again.
  func arguments() -> [String] {
    if let config {
      let directory = FileManager.default.currentDirectoryPath
      return ["--config", config.hasPrefix("/") ? config : "\(directory)/\(config)"]
    }
    return given.flatMap { option, values in values.flatMap { [option, $0] } }
  }

  /// The options that were given, beside the file.
  private var given: [(String, [String])] {
    let all: [(String, [String])] = [
      ("--vip", vip), ("--director", director), ("--interface", [interface].compactMap { $0 }),
      ("--encapsulation", [encapsulation?.rawValue].compactMap { $0 }), ("--key", Self.text(key)),
      ("--port", Self.text(port)), ("--mtu", Self.text(mtu)),
      ("--decapsulate", [decapsulate?.rawValue].compactMap { $0 }), ("--local", local), ("--service", service),
    ]
    return all.filter { !$0.1.isEmpty }
  }

  private static func text(_ number: (some FixedWidthInteger)?) -> [String] { number.map { ["\($0)"] } ?? [] }

  private func requestOfOptions(_ bpffs: String) throws -> RealServerRequest {
    guard let interface else {
      throw CommandFailure("a real server needs --interface, where directors' packets arrive, or --config FILE")
    }
    return RealServerRequest(
      virtualAddresses: try vip.map { try IPPrefix($0, givenTo: "--vip") },
      directors: try director.map { try IPPrefix($0, givenTo: "--director") }, interface: interface,
      encapsulation: encapsulation ?? .ipip, key: key, port: port, mtu: mtu, decapsulation: decapsulate ?? .auto,
      endpoints: try local.map { try IPAddress($0, givenTo: "--local") }, bpffs: bpffs,
      services: try service.map(Self.service))
  }

  private static func service(_ text: String) throws -> ServicePort {
    guard let port = ServicePort(text) else {
      throw CommandFailure("--service \(text): not a port such as 80, 80/tcp or 53/udp")
    }
    return port
  }

  private static func read(_ file: String) throws -> RealServerConfiguration {
    try explaining { try RealServerConfiguration.read(text: TextFile.read(FilePath(file)), file: file) }
  }
}

extension RealServerRequest {
  /// What a file asks for.
  init(_ configuration: RealServerConfiguration, bpffs: String) {
    self.init(
      virtualAddresses: configuration.virtualAddresses, directors: configuration.directors,
      interface: configuration.interface, encapsulation: Delivery(configuration.encapsulation),
      key: configuration.key, port: configuration.port, mtu: configuration.mtu,
      decapsulation: Choice(rawValue: configuration.decapsulation.rawValue) ?? .auto,
      endpoints: configuration.local, bpffs: configuration.bpffs ?? bpffs,
      services: configuration.services.compactMap { ServicePort($0.description) })
  }
}

extension Delivery {
  fileprivate init(_ encapsulation: Encapsulation) {
    switch encapsulation {
    case .ipip: self = .ipip
    case .gre, .greKey: self = .gre
    case .gue: self = .gue
    case .fou: self = .fou
    case .l2: self = .l2
    }
  }
}
