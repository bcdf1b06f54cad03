// SPDX-License-Identifier: MIT
import CLinux
import CMnl
import Linux
import SystemPackage

/// A bound netlink socket with one owner; it belongs to the network namespace of the thread that opened it.
@safe  // The pointer is valid from the end of `init` until `deinit`, and never leaves.
struct NetlinkSocket: ~Copyable {
  private let socket: OpaquePointer
  /// One datagram. The kernel fills at most 32 KiB of a list into it, however large it is, unless one entry is larger.
  private var buffer: [UInt8]

  /// `isBlocking` says whether ``receive(_:_:)`` waits when nothing is there, `capacity` what it has room for at first.
  init(
    _ subsystem: NetlinkSubsystem = .route, isBlocking: Bool = true, capacity: Int = 32_768
  ) throws(NetlinkError) {
    let opened = unsafe try Self.open(subsystem, isBlocking: isBlocking)
    unsafe socket = opened
    buffer = [UInt8](repeating: 0, count: capacity)
    // Comfort that kernels before 4.20 lack: text in errors, errors without the request, dumps that heed their filter.
    try? set(NETLINK_EXT_ACK, to: 1)
    try? set(NETLINK_CAP_ACK, to: 1)
    try? set(NETLINK_GET_STRICT_CHK, to: 1)
  }

  private static func open(_ subsystem: NetlinkSubsystem, isBlocking: Bool) throws(NetlinkError) -> OpaquePointer {
    let flags = CInt(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : CInt(SOCK_NONBLOCK.rawValue))
    guard let opened = unsafe mnl_socket_open2(subsystem.rawValue, flags) else {
      throw NetlinkError(operation: "open a netlink socket", errno: .current)
    }
    guard unsafe mnl_socket_bind(opened, 0, MNL_SOCKET_AUTOPID) == 0 else {
      let errno = Errno.current
      unsafe mnl_socket_close(opened)
      throw NetlinkError(operation: "bind a netlink socket", errno: errno)
    }
    return unsafe opened
  }

  deinit {
    unsafe mnl_socket_close(socket)
  }

  /// The descriptor to wait on; on loan.
  var descriptor: FileDescriptor { FileDescriptor(rawValue: unsafe mnl_socket_get_fd(socket)) }

  /// Sets a number option of level `SOL_NETLINK`.
  borrowing func set(_ option: CInt, to value: CInt) throws(NetlinkError) {
    var value = value
    let size = socklen_t(MemoryLayout<CInt>.size)
    guard unsafe mnl_socket_setsockopt(socket, option, &value, size) == 0 else {
      throw NetlinkError(operation: "set option \(option) of a netlink socket", errno: .current)
    }
  }

  /// Makes room for `bytes` of messages that wait to be received, as far as our privileges go.
  borrowing func reserve(_ bytes: CInt) {
    var bytes = bytes
    let size = socklen_t(MemoryLayout<CInt>.size)
    // Beyond the limit of the host only with CAP_NET_ADMIN.
    if unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, size) != 0 {
      unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVBUF, &bytes, size)
    }
  }

  /// Sends one datagram of whole messages.
  borrowing func send(_ bytes: [UInt8], _ operation: @autoclosure () -> String) throws(NetlinkError) {
    guard unsafe mnl_socket_sendto(socket, bytes, bytes.count) >= 0 else {
      throw NetlinkError(operation: operation(), errno: .current)
    }
  }

  /// Receives one datagram and calls `body` for each message in it. Interrupted calls are repeated.
  ///
  /// - Throws: `.wouldBlock` if nothing waits and the socket does not block; `.noBufferSpace` when notifications were
  ///   lost; `.badMessage` when what came is malformed.
  mutating func receive(_ operation: String, _ body: (Message) throws(NetlinkError) -> Void) throws(NetlinkError) {
    let count = try receiveDatagram(operation)
    let bytes = unsafe buffer.span.bytes.extracting(..<count)
    try Message.forEach(in: bytes, malformed: { NetlinkError(operation: operation, malformed: $0) }, body)
  }

  /// The next datagram is in the first bytes of ``buffer`` then, which has grown where it was too small: what does not
  /// fit is lost for good.
  private mutating func receiveDatagram(_ operation: String) throws(NetlinkError) -> Int {
    let length = try Self.repeating(operation) { recv(descriptor.rawValue, nil, 0, CInt(MSG_PEEK | MSG_TRUNC)) }
    if length > buffer.count { buffer = [UInt8](repeating: 0, count: length) }
    return try Self.repeating(operation) { unsafe mnl_socket_recvfrom(socket, &buffer, buffer.count) }
  }

  /// Calls `body` until no signal interrupts it.
  private static func repeating(_ operation: String, _ body: () -> Int) throws(NetlinkError) -> Int {
    while true {
      let count = body()
      if count >= 0 { return count }
      let errno = Errno.current
      if errno != .interrupted { throw NetlinkError(operation: operation, errno: errno) }
    }
  }
}

/// Whom in the kernel a socket talks to.
enum NetlinkSubsystem {
  /// Links, addresses, routes, rules and neighbours. The corresponding C constant is `NETLINK_ROUTE`.
  case route
  /// Families that have no subsystem of their own. The corresponding C constant is `NETLINK_GENERIC`.
  case generic

  fileprivate var rawValue: CInt { self == .route ? NETLINK_ROUTE : NETLINK_GENERIC }
}

extension NetlinkError {
  /// What came from the kernel could not be understood.
  init(operation: String, malformed: MalformedMessage) {
    self.init(operation: operation, errno: .badMessage, advice: "malformed reply: \(malformed)")
  }
}
