// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport

@testable import UserspaceEngine

/// Three network namespaces in a row; the links have the fixtures' addresses.
///
///     client c0 ---- d0 director d1 ---- r0 receiver
struct Lab: ~Copyable {
  let client: NetworkNamespace
  let receiver: NetworkNamespace
  /// Frames to send to the director.
  let source: LabLink
  /// Frames that the director sends.
  let sink: LabLink
  /// d0 and d1, in the calling thread's namespace.
  let ingress: CInt
  let egress: CInt

  /// Runs `body` in the director's namespace.
  static func run(_ body: (borrowing Lab) throws -> Void) throws {
    try withNetworkNamespace {
      let receiver = Shared(try NetworkNamespace.current())
      try withNetworkNamespace {
        let client = Shared(try NetworkNamespace.current())
        try withNetworkNamespace { try body(Lab(client: client.take(), receiver: receiver.take())) }
      }
    }
  }

  private init(client: consuming NetworkNamespace, receiver: consuming NetworkNamespace) throws {
    try Self.connect("d0", "02:00:00:00:00:02", with: "c0", "02:00:00:00:00:01", in: client)
    try Self.connect("d1", "02:00:00:00:01:01", with: "r0", "02:00:00:00:01:02", in: receiver)
    let source = try client.run { try LabLink("c0") }
    let sink = try receiver.run { try LabLink("r0") }
    self.source = source
    self.sink = sink
    ingress = CInt(if_nametoindex("d0"))
    egress = CInt(if_nametoindex("d1"))
    self.client = client
    self.receiver = receiver
  }

  private static func connect(
    _ near: String, _ nearAddress: String, with far: String, _ farAddress: String,
    in namespace: borrowing NetworkNamespace
  ) throws {
    let path = "/proc/\(getpid())/fd/\(namespace.borrowed.rawValue)"
    try TestSupport.run(
      "ip", "link", "add", near, "address", nearAddress, "type", "veth",
      "peer", "name", far, "address", farAddress, "netns", path)
    try TestSupport.run("ip", "link", "set", near, "up")
    try namespace.run { _ = try TestSupport.run("ip", "link", "set", far, "up") }
  }

  /// Carries a namespace into a closure.
  private final class Shared {
    private var namespace: NetworkNamespace?

    init(_ namespace: consuming NetworkNamespace) {
      self.namespace = consume namespace
    }

    func take() throws -> NetworkNamespace {
      guard let namespace = namespace.take() else { throw CancellationError() }
      return namespace
    }
  }
}

/// One end of a link, for whole frames.
final class LabLink: Sendable {
  private let socket: PacketSocket

  init(_ name: String) throws {
    socket = try PacketSocket()
    try socket.set(PACKET_IGNORE_OUTGOING, 1 as CInt, to: "ignore what is sent")
    try socket.bind(to: CInt(if_nametoindex(name)), name: name)
  }

  func send(_ frame: [UInt8]) throws {
    guard Glibc.send(socket.borrowed.rawValue, frame, frame.count, 0) == frame.count else {
      throw LinuxError(operation: "send a frame of \(frame.count) bytes", errno: Errno(rawValue: errno))
    }
  }

  /// The next IPv4 frame.
  func receive() throws -> [UInt8] {
    try eventually("a frame") {
      let frame = try waiting()
      return frame.count > 14 && frame[12...13] == [0x08, 0x00] ? frame : nil
    }
  }

  /// The next frame of any kind; nothing if none comes within 100 ms.
  private func waiting() throws -> [UInt8] {
    guard try !Poller([socket.borrowed]).wait(timeout: .milliseconds(100)).isEmpty else { return [] }
    return try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      count = try socket.borrowed.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}

/// What an engine reports, from whatever thread.
final class Reports: Sendable {
  private let errors = Mutex<[LinuxError]>([])

  func add(_ error: LinuxError) {
    errors.withLock { $0.append(error) }
  }

  var all: [LinuxError] { errors.withLock { $0 } }
}
