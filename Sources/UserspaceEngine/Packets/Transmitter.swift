// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import Linux
import SystemPackage

/// Sends frames in batches, sendmmsg(2), each through an interface of its own.
///
/// All memory is taken at the start: sending allocates nothing.
@safe
struct Transmitter: ~Copyable {
  private let socket: PacketSocket
  private let messages: UnsafeMutablePointer<linux_message>
  private let vectors: UnsafeMutablePointer<iovec>
  private let addresses: UnsafeMutablePointer<sockaddr_ll>
  private let capacity: Int
  private var count = 0

  /// A sender of up to `capacity` frames at once, in the calling thread's network namespace.
  ///
  /// The socket is not bound and has no protocol: it receives nothing.
  init(capacity: Int) throws(LinuxError) {
    let opened = try PacketSocket()
    try opened.set(PACKET_QDISC_BYPASS, 1 as CInt, to: "send frames past queueing disciplines")
    socket = opened
    self.capacity = capacity
    unsafe messages = .allocate(capacity: capacity)
    unsafe vectors = .allocate(capacity: capacity)
    unsafe addresses = .allocate(capacity: capacity)
    for index in 0..<capacity { prepare(index) }
  }

  deinit {
    unsafe messages.deallocate()
    unsafe vectors.deallocate()
    unsafe addresses.deallocate()
  }

  /// What stays the same of a message.
  private func prepare(_ index: Int) {
    unsafe (vectors + index).initialize(to: iovec())
    // Without a protocol the kernel reads it from the frame.
    unsafe (addresses + index).initialize(to: sockaddr_ll(interface: 0, protocol: 0))
    var header = unsafe msghdr()
    unsafe header.msg_name = UnsafeMutableRawPointer(addresses + index)
    unsafe header.msg_namelen = socklen_t(MemoryLayout<sockaddr_ll>.size)
    unsafe header.msg_iov = vectors + index
    unsafe header.msg_iovlen = 1
    unsafe (messages + index).initialize(to: linux_message(header: header, length: 0))
  }

  /// Adds a frame to the batch, which has room for it; its memory is used until `flush`.
  mutating func append(_ frame: UnsafeMutableRawBufferPointer, interface: UInt32) {
    precondition(count < capacity, "the batch is full")
    unsafe vectors[count] = iovec(iov_base: frame.baseAddress, iov_len: frame.count)
    unsafe addresses[count].sll_ifindex = CInt(bitPattern: interface)
    count &+= 1
  }

  /// Sends the batch and empties it.
  ///
  /// A full queue is waited for, but not for long: an interface that is stuck must not hold up the others.
  ///
  /// - Returns: how many frames were not sent.
  mutating func flush() -> Int {
    var (sent, failed, patience) = (0, 0, 4)
    while sent < count {
      let result = unsafe linux_send_messages(
        socket.borrowed.rawValue, messages + sent, CUnsignedInt(count &- sent), CInt(MSG_DONTWAIT))
      if result > 0 {
        sent &+= Int(result)
      } else if Self.isPassing(Glibc.errno), patience > 0 {
        patience &-= 1
        waitForRoom()
      } else {
        failed &+= 1
        sent &+= 1
      }
    }
    count = 0
    return failed
  }

  /// Whether the same frame may go out a moment later.
  private static func isPassing(_ code: CInt) -> Bool { code == EAGAIN || code == ENOBUFS || code == EINTR }

  private func waitForRoom() {
    var entry = pollfd(fd: socket.borrowed.rawValue, events: Int16(POLLOUT), revents: 0)
    unsafe _ = poll(&entry, 1, 1)
  }
}
