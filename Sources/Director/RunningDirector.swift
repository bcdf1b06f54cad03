// SPDX-License-Identifier: MIT
import BPF
public import Balancing
public import Configuration
import DataPlane
import KernelEngine
import Linux
import SystemPackage
import UserspaceEngine
import Wire

/// A director that runs in another process, or whose data path goes on without one, to look at.
public final class RunningDirector {
  public let configuration: DirectorConfiguration
  public let tables: any TableReading
  /// The process that follows routes, neighbours and the configuration; nil where packets are forwarded without one.
  public let process: Int32?

  /// The director on `interface`, or the only one there is.
  public init(stateDirectory: String, bpffs: String, interface: String?) throws {
    let interface = try interface ?? Self.onlyInterface(below: stateDirectory)
    let directory = try RuntimeDirectory(below: stateDirectory, interface: interface)
    let text: String
    do {
      text = try TextFile.read(directory.configuration)
    } catch {
      throw DirectorError("no director runs on \(interface): \(error)")
    }
    configuration = try DirectorConfiguration.read(text: text, file: directory.configuration.string).configuration
    tables = try Self.tables(configuration, directory, bpffs)
    process = NameClaim.holder(of: Director.claimName(interface))
  }

  private static func onlyInterface(below stateDirectory: String) throws -> String {
    let interfaces = try RuntimeDirectory.interfaces(below: stateDirectory)
    guard let interface = interfaces.first else {
      throw DirectorError("no director runs here: \(stateDirectory) holds none; start one with culvert run")
    }
    guard interfaces.count == 1 else {
      throw DirectorError(
        "several directors run here: choose one with --interface \(interfaces.joined(separator: "|"))")
    }
    return interface
  }

  private static func tables(
    _ configuration: DirectorConfiguration, _ directory: RuntimeDirectory, _ bpffs: String
  ) throws -> any TableReading {
    switch configuration.engine {
    case .kernel:
      let pins = try PinDirectory.inThisNamespace(
        root: try BPFFileSystem(at: bpffs), role: .director, interface: configuration.interface)
      return try KernelEngine(lookingAt: pins, interface: configuration.interface)
    case .userspace:
      return try TablesInFile(directory.tables)
    }
  }

  /// What the tables hold, with the names of the configuration.
  public func state() throws -> ForwardingState {
    let contents = try tables.contents()
    var state = ForwardingState(restoring: contents)
    let paths = contents.destinations.values.compactMap { row in
      row.path.map { (IPAddress(mapped: row.outerDestination), $0) }
    }
    _ = try state.apply(configuration.services, paths: Dictionary(paths) { first, _ in first }, now: .now)
    return state
  }
}
