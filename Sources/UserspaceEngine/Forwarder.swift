// SPDX-License-Identifier: MIT
import CLinux
import DataPlane
import Glibc
import Linux
import Synchronization
import SystemPackage
import Wire

/// The loop from the ring through the data plane to the interfaces. Allocates nothing for a packet.
struct Forwarder: ~Copyable, @unchecked Sendable {  // Used by one thread at a time: handed over once, when it starts.
  private let engine: UserspaceEngine
  private let socket: PacketSocket
  private var ring: PacketRing
  /// Where frames come in, and answers leave.
  private let interface: UInt32
  private var transmitter: Transmitter

  /// Frames that are forwarded under one lock and leave with one system call.
  private static var batchSize: Int { 64 }

  /// Sockets and ring for an interface of the calling thread's network namespace. Frames wait from now on.
  init(_ engine: UserspaceEngine, _ socket: PacketSocket, interface: CInt, name: String) throws(LinuxError) {
    let mtu = try attempt("read the MTU of \(name)") {
      unsafe linux_interface_mtu(socket.borrowed.rawValue, name)
    }
    try socket.set(PACKET_IGNORE_OUTGOING, 1 as CInt, to: "leave out what the host itself sends")
    let ring = try PacketRing(socket, PacketRing.Geometry(mtu: Int(mtu)))
    let transmitter = try Transmitter(capacity: Self.batchSize)
    try socket.bind(to: interface, name: name)
    self.transmitter = transmitter
    self.ring = ring
    self.engine = engine
    self.socket = socket
    self.interface = UInt32(bitPattern: interface)
  }

  /// Forwards until `stop` is set.
  ///
  /// - Throws: ``LinuxError`` with `.noSuchAddressOrDevice` if the interface is removed; that it is down, it reports.
  mutating func run(until stop: StopSignal, report: (LinuxError) -> Void) throws(LinuxError) {
    var entries = [socket.borrowed, stop.borrowed].map {
      pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0)
    }
    while !stop.isSet {
      if forwardBatch() > 0 { continue }
      // A removed interface may go unnoticed by poll(2), hence the time limit.
      let ready = unsafe poll(&entries, nfds_t(entries.count), 1000)
      if ready == 0 || ready > 0 && entries[0].revents & Int16(POLLERR) != 0 { try checkInterface(report) }
    }
  }

  private func checkInterface(_ report: (LinuxError) -> Void) throws(LinuxError) {
    let error = try socket.takeError()
    guard try socket.interface() != nil else {
      throw LinuxError(operation: "receive frames", errno: .noSuchAddressOrDevice, advice: "the interface is gone")
    }
    if let error {
      report(LinuxError(operation: "receive frames", errno: error, advice: "they flow again once the interface is up"))
    }
  }

  /// Forwards the frames that wait, up to a batch, and says how many there were.
  private mutating func forwardBatch() -> Int {
    let count = ring.ready(upTo: Self.batchSize)
    guard count > 0 else { return 0 }
    var statistics = ForwardingStatistics()
    statistics.received = UInt64(count)
    let now = Tick(nanoseconds: MonotonicClock.coarseNanoseconds)
    engine.withTables { tables in
      for position in 0..<count { forward(ring.frame(position), now, tables, &statistics) }
    }
    let failures = UInt64(transmitter.flush())
    statistics.transmitted &-= failures
    statistics.transmitFailures = failures
    ring.release(count)
    engine.add(statistics)
    return count
  }

  @inline(__always)
  private mutating func forward(
    _ frame: RingFrame, _ now: Tick, _ tables: borrowing MemoryTables, _ statistics: inout ForwardingStatistics
  ) {
    guard frame.isForThisHost else { return statistics.notForThisHost &+= 1 }
    guard !frame.isMerged else { return statistics.merged &+= 1 }
    let room = unsafe frame.room
    if let checksum = frame.unfinishedChecksum { unsafe checksum.finish(PacketBytes(room, from: frame.offset)) }
    let offset = frame.restoreTag()
    let result = unsafe tables.forward(room, frameAt: offset, now: now)
    let way: UInt32
    switch result.decision.verdict.action {
    case .transmit: way = result.decision.interface
    case .reply: way = interface
    case .pass, .drop: return
    }
    unsafe transmitter.append(UnsafeMutableRawBufferPointer(rebasing: room[result.frame]), interface: way)
    statistics.transmitted &+= 1
  }
}

extension PacketBytes {
  /// The bytes of `buffer` from `offset` on.
  fileprivate init(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) {
    let start = unsafe buffer.baseAddress.unsafelyUnwrapped
    unsafe self.init(start: start + offset, end: start + buffer.count)
  }
}

/// Ends a forwarding thread, whether it works or waits.
final class StopSignal: Sendable {
  private let event: EventDescriptor
  private let flag = Atomic(false)

  init() throws(LinuxError) {
    event = try EventDescriptor()
  }

  /// Readable once it is set; on loan.
  var borrowed: FileDescriptor { event.borrowed }

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() {
    flag.store(true, ordering: .relaxed)
    event.set()
  }
}
