// SPDX-License-Identifier: MIT
import Linux
import Synchronization

/// A thread that forwards what comes in at one interface.
struct ForwardingSession: ~Copyable, Sendable {
  let name: String
  let socket: PacketSocket
  private let stop: StopSignal
  private let thread: RunningThread
  private let offloads: SwitchedOffloads
  private let report: @Sendable (LinuxError) -> Void

  /// Hands a forwarder over to its thread.
  private final class Handover: Sendable {
    let forwarder: Mutex<Forwarder?>

    init(_ forwarder: consuming Forwarder) {
      self.forwarder = Mutex(forwarder)
    }
  }

  init(
    _ engine: UserspaceEngine, interface: CInt, name: String, report: @escaping @Sendable (LinuxError) -> Void
  ) throws(LinuxError) {
    let socket = try PacketSocket()
    let stop = try StopSignal()
    let handover = Handover(try Forwarder(engine, socket, interface: interface, name: name))
    let thread = try RunningThread {
      guard var forwarder = handover.forwarder.withLock({ $0.take() }) else { return }
      do throws(LinuxError) {
        try forwarder.run(until: stop, report: report)
      } catch {
        report(error)
      }
    }
    self.name = name
    self.socket = socket
    self.stop = stop
    self.thread = thread
    self.report = report
    offloads = SwitchedOffloads(off: name, socket, report: report)
  }

  /// Ends the thread, after the batch it works on, and leaves the interface as it was.
  consuming func end() {
    stop.set()
    thread.join()
    offloads.restore(report: report)
  }
}
