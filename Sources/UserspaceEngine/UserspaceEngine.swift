// SPDX-License-Identifier: MIT
public import DataPlane
public import Linux
import Synchronization
public import SystemPackage

/// The data plane on the host: it needs packet sockets and no BPF, and can be run on any packet in memory.
public final class UserspaceEngine: Sendable {
  private let tables: Mutex<MemoryTables>
  private let session = Mutex<ForwardingSession?>(nil)
  private let total = Mutex(ForwardingStatistics())

  /// An engine whose tables stand in the file at `tablesFile`, which is made if it is missing, or go with the process.
  ///
  /// A file keeps flows and counters over a restart, and ``TablesInFile`` looks into it. It belongs on a tmpfs, and one
  /// engine at a time may have it open. It takes 9 MiB, and 256 KiB to 1 MiB for each service.
  ///
  /// - Throws: ``LinuxError``, or ``UnusableTables`` where the file holds something else.
  public init(tablesFile: FilePath? = nil) throws {
    guard let tablesFile else {
      tables = Mutex(try MemoryTables())
      return
    }
    let opened = MemoryTables(try MemoryMapping(tablesFile: tablesFile))
    try opened.reserveShared()
    tables = Mutex(opened)
  }

  /// Decides about the frame at `room[offset...]` and carries the decision out in place.
  ///
  /// What stands before `offset` is room for headers; an encapsulation needs at most 56 bytes of it. On a machine that
  /// cannot read unaligned words, the frame starts at an address that is 2 modulo 4.
  ///
  /// - Returns: what to do with the frame, and where in `room` it stands now: encapsulated, or as the answer, if it is to be
  ///   sent; unchanged if it is to be passed.
  @unsafe
  public func forward(
    _ room: UnsafeMutableRawBufferPointer, frameAt offset: Int, now: Tick
  ) -> (decision: Decision, frame: Range<Int>) {
    withTables { tables in unsafe tables.forward(room, frameAt: offset, now: now) }
  }

  /// Forwards what comes in at an interface of the calling thread's network namespace, on a thread of its own, until
  /// ``stop()``.
  ///
  /// GRO and LRO of the interface are switched off meanwhile: they merge packets. Needs `CAP_NET_RAW` in that
  /// namespace, and `CAP_NET_ADMIN` for the offloads alone.
  ///
  /// `report` is told, on that thread or on the caller's, what went wrong without ending anything, and also what ended
  /// the thread: an error with `.noSuchAddressOrDevice`, when the interface has been removed. `stop` is still due then.
  ///
  /// - Throws: ``LinuxError`` if the engine forwards already, or sockets, ring or thread cannot be made.
  public func start(
    interface: CInt, name: String, report: @escaping @Sendable (LinuxError) -> Void
  ) throws(LinuxError) {
    try session.withLock { session throws(LinuxError) in
      if let name = session?.name {
        throw LinuxError(
          operation: "forward frames", errno: .alreadyInProcess, advice: "the engine does so already at \(name)")
      }
      session = try ForwardingSession(self, interface: interface, name: name, report: report)
    }
  }

  /// Stops forwarding, if it goes on, and leaves the interface's offloads as they were before.
  public func stop() {
    collectOverruns()
    session.withLock { $0.take() }?.end()
  }

  /// Where it forwards.
  var interfaceName: String? { session.withLock { $0?.name } }

  /// What became of the frames since the engine was made.
  public func statistics() -> ForwardingStatistics {
    collectOverruns()
    return total.withLock { $0 }
  }

  /// The kernel counts what found no room in the ring, and forgets it when asked.
  private func collectOverruns() {
    var missed = ForwardingStatistics()
    missed.overruns = session.withLock { try? $0?.socket.takeStatistics().overrun } ?? 0
    add(missed)
  }

  func add(_ statistics: ForwardingStatistics) {
    total.withLock { $0 += statistics }
  }

  /// Runs `body` on the tables, while no packet is forwarded.
  func withTables<Result: Sendable, Failure: Error>(
    _ body: (borrowing MemoryTables) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try tables.withLock { tables throws(Failure) in try body(tables) }
  }
}

extension MemoryTables {
  /// Runs the data plane on the frame at `room[offset...]`.
  @inline(__always)
  borrowing func forward(
    _ room: UnsafeMutableRawBufferPointer, frameAt offset: Int, now: Tick
  ) -> (decision: Decision, frame: Range<Int>) {
    var environment = unsafe MemoryEnvironment(room, frameAt: offset, tables: pointers, now: now)
    let decision = DataPlane.forward(&environment)
    return (decision, environment.frame)
  }
}
