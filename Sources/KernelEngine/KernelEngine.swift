// SPDX-License-Identifier: MIT
public import BPF
public import Balancing
import DataPlane

/// The data plane in the kernel: an XDP program at the interface where clients' packets arrive.
///
/// Program and maps are pinned: they go on when this process ends, and the next one takes them over.
public final class KernelEngine: Engine {
  let maps: DirectorMaps
  /// Where tables and program are kept; nil if they go with the process.
  private let pins: PinDirectory?
  private let interface: String
  private var attachment: AttachmentReport?
  /// Services that have a table of transitions.
  var unsettled: Set<UInt32>

  /// Whether the tables are those of an earlier run.
  public let isTakenOver: Bool
  /// Why the tables of an earlier run could not be taken over, where there were any.
  public let takeoverRefusal: String?

  /// Takes over the tables kept in `pins`, or makes empty ones. Nothing is attached and nothing pinned yet.
  public init(interface: String, pins: PinDirectory) throws {
    takeoverRefusal = Self.takeoverRefusal(of: pins)
    isTakenOver = pins.exists && takeoverRefusal == nil
    maps = isTakenOver ? try DirectorMaps(pinnedIn: pins.path) : try DirectorMaps()
    self.pins = pins
    self.interface = interface
    unsettled = []
    unsettled = try servicesWithTransitions()
  }

  private static func takeoverRefusal(of pins: PinDirectory) -> String? {
    guard pins.exists else { return nil }
    do {
      _ = try DirectorMaps(pinnedIn: pins.path)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Empty tables that go with the process: for packets of the caller's.
  public init() throws {
    (isTakenOver, takeoverRefusal) = (false, nil)
    maps = try DirectorMaps()
    pins = nil
    interface = "nothing"
    unsettled = []
  }

  /// The engine that another process keeps running, to look at.
  public init(lookingAt pins: PinDirectory, interface: String) throws {
    maps = try DirectorMaps(pinnedIn: pins.path)
    (isTakenOver, takeoverRefusal) = (true, nil)
    self.pins = pins
    self.interface = interface
    unsettled = []
    unsettled = try servicesWithTransitions()
  }

  /// Starts forwarding on the interface with index `index`: to be called once the tables are right.
  public func attach(to index: UInt32) throws -> AttachmentReport {
    let program = try Programs.load(.director, maps: maps.descriptors)
    guard let pins else { preconditionFailure("tables that go with the process are never attached") }
    let report = try pins.attach(program, to: index) { (directory) throws(BPFError) in try maps.pin(in: directory) }
    attachment = report
    return report
  }

  /// Stops forwarding, and lets go of the tables.
  public func detach() throws {
    try pins?.detach()
  }

  public var kind: String { "kernel" }

  public var description: String {
    guard let mode = attachment?.mode else { return "kernel on \(interface)" }
    return "kernel on \(interface) (\(mode.rawValue) XDP)"
  }

  /// The program's verdicts on packets of the caller's, without any network.
  public func verdictRunner() throws -> TestRunner {
    try TestRunner(try Programs.load(.verdict, maps: maps.descriptors))
  }

  /// The director program itself on packets of the caller's: what it returns is an `xdp_action`.
  public func directorRunner() throws -> TestRunner {
    try TestRunner(try Programs.load(.director, maps: maps.descriptors))
  }

  /// Runs `body`, and names `operation` where the kernel refuses.
  func attempt<Result>(
    _ operation: String, _ body: () throws(BPFError) -> Result
  ) throws(EngineError) -> Result {
    do {
      return try body()
    } catch {
      throw EngineError(operation: operation, reason: "\(error)")
    }
  }
}
