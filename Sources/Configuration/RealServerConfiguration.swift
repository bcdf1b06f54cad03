// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// Everything the file of a real server says.
public struct RealServerConfiguration: Hashable, Sendable {
  /// The name of the interface on which directors' packets arrive.
  public var interface: String
  public var virtualAddresses: [IPPrefix]
  /// Whom encapsulated packets are taken from: the outer sources. None without a tunnel.
  public var directors: [IPPrefix]
  /// What directors send. GRE with a key is `gre` here, and the key stands in ``key``.
  public var encapsulation: Encapsulation
  /// The GRE key that packets must carry; nil for packets without.
  public var key: UInt32?
  /// The UDP port that directors send to; nil for the usual one of GUE and FOU.
  public var port: UInt16?
  /// The largest outer packet that comes through, in bytes; nil for what the routes to the directors say.
  public var mtu: UInt32?
  public var decapsulation: Decapsulation
  /// The outer destinations; empty for the addresses of the interface.
  public var local: [IPAddress]
  /// What the host is to listen on at the virtual addresses.
  public var services: [ListeningPort]
  /// A directory for a BPF file system; nil for the usual one.
  public var bpffs: String?

  /// Who takes packets out of tunnels.
  public enum Decapsulation: String, Hashable, Sendable, CaseIterable {
    case auto
    case kernel
    case bpf
  }

  /// A port of TCP or UDP, as text `80/tcp`.
  public struct ListeningPort: Hashable, Sendable, CustomStringConvertible {
    /// `tcp` or `udp`.
    public var protocolName: String
    /// 1 to 65535.
    public var port: UInt16

    public init(_ protocolName: String, _ port: UInt16) {
      self.protocolName = protocolName
      self.port = port
    }

    public var description: String { "\(port)/\(protocolName)" }
  }

  public init(
    interface: String, virtualAddresses: [IPPrefix], directors: [IPPrefix] = [], encapsulation: Encapsulation = .ipip,
    key: UInt32? = nil, port: UInt16? = nil, mtu: UInt32? = nil, decapsulation: Decapsulation = .auto,
    local: [IPAddress] = [], services: [ListeningPort] = [], bpffs: String? = nil
  ) {
    self.interface = interface
    self.virtualAddresses = virtualAddresses
    self.directors = directors
    self.encapsulation = encapsulation
    self.key = key
    self.port = port
    self.mtu = mtu
    self.decapsulation = decapsulation
    self.local = local
    self.services = services
    self.bpffs = bpffs
  }
}

extension RealServerConfiguration {
  /// The largest number of entries of a list.
  public static let entryLimit = 512

  /// Reads the file of a real server.
  ///
  /// - Parameters:
  ///   - text: What is in the file.
  ///   - file: What to call the file in problems.
  /// - Returns: The configuration.
  /// - Throws: Everything that is wrong with the file, not only the first thing.
  public static func read(text: String, file: String) throws(ConfigurationError) -> RealServerConfiguration {
    let reading = Reading(file: file, subject: .realServer)
    let configuration = Document.root(of: text, reading: reading).flatMap { root in
      RealServerSchema().read(Value(node: root, label: "the file", start: .start, reading: reading))
    }
    guard let configuration, reading.problems.isEmpty else {
      throw ConfigurationError(problems: reading.problems)
    }
    return configuration
  }
}
