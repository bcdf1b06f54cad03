// SPDX-License-Identifier: MIT
import BPF
public import Balancing
public import Configuration
public import Control
import DataPlane
import FoundationEssentials
import KernelEngine
import Linux
public import SystemPackage
import UserspaceEngine
import Wire

/// A director that runs in another process, or whose data path goes on without one, to look at.
public final class RunningDirector {
  public let configuration: DirectorConfiguration
  public let tables: any TableReading
  /// The process that follows routes, neighbours and the configuration; nil where packets are forwarded without one.
  public let process: Int32?
  /// What the director wrote down last besides its tables; nil where it is not there or cannot be read.
  public let runtime: RuntimeState?
  /// Where a director that runs can be talked to.
  public let socket: FilePath

  /// The director on `interface`, or the only one there is.
  public init(stateDirectory: String, bpffs: String, interface: String?) throws {
    let directory = try RuntimeDirectory(below: stateDirectory, choosing: interface)
    let interface = directory.interface
    let text: String
    do {
      text = try TextFile.read(directory.configuration)
    } catch {
      throw DirectorError("no director runs on \(interface): \(error)")
    }
    configuration = try DirectorConfiguration.read(text: text, file: directory.configuration.string).configuration
    tables = try Self.tables(configuration, directory, bpffs)
    process = NameClaim.holder(of: Director.claimName(interface))
    runtime = RuntimeState(from: directory.state)
    socket = directory.socket
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
    var state = ForwardingState(restoring: try tables.contents())
    state.name(after: configuration.services)
    return state
  }
}

extension RuntimeState {
  /// What stands in a file; nil where it is missing, or of another version.
  init?(from file: FilePath) {
    guard let text = try? TextFile.read(file),
      let state = try? JSONDecoder().decode(RuntimeState.self, from: Data(text.utf8)),
      state.version == Self.currentVersion
    else { return nil }
    self = state
  }
}
