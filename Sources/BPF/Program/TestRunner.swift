// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import Linux
internal import SystemPackage

/// What a program did with a packet in a test run.
public struct TestRun: Equatable, Sendable {
  /// The program's verdict: for XDP, `XDP_PASS` is 2 and `XDP_TX` 3.
  public var returnValue: UInt32
  /// Bytes of the packet afterwards.
  public var size: Int
  /// Of one round, on average, as the kernel measured it.
  public var duration: Duration
}

/// Runs a program on packets of the caller's, without any network (`BPF_PROG_TEST_RUN`).
///
/// Made once and used for many packets: a run costs the system call and allocates nothing. The kernel does not restore
/// the packet between the rounds of one run: with `repeat`, a program that changes packets soon sees its own work.
@safe public struct TestRunner: ~Copyable {
  // The buffers are owned, and their sizes go along to the kernel.
  private let owner: OwnedDescriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private let context: UnsafeMutablePointer<xdp_md>
  private let hasContext: Bool
  private var outputSize = 0

  /// `capacity` is in bytes, of the largest packet that can come out. `ingressInterface` is the index of the device
  /// that XDP packets seem to come from, in the caller's network namespace; by default the loopback device.
  public init(
    _ program: borrowing Program, capacity: Int = 4096, ingressInterface: UInt32? = nil
  ) throws(BPFError) {
    let copy = dup(program.number)
    guard copy >= 0 else { throw BPFError("keeping program \(program.name)", Errno(rawValue: errno)) }
    owner = OwnedDescriptor(owning: FileDescriptor(rawValue: copy))
    unsafe buffer = .allocate(byteCount: capacity, alignment: 8)
    unsafe context = .allocate(capacity: 1)
    unsafe context.initialize(to: xdp_md())
    hasContext = ingressInterface != nil
    unsafe context.pointee.ingress_ifindex = ingressInterface ?? 0
  }

  deinit {
    unsafe buffer.deallocate()
    unsafe context.deallocate()
  }

  /// Runs the program on `packet`, which must hold an Ethernet header at least (14 bytes) and is not changed.
  public mutating func run(_ packet: RawSpan, repeat rounds: Int = 1) throws(BPFError) -> TestRun {
    unsafe try packet.withUnsafeBytes { packet throws(BPFError) in unsafe try run(packet, repeat: rounds) }
  }

  /// Runs the program on `packet`, which must hold an Ethernet header at least (14 bytes) and is not changed.
  public mutating func run(_ packet: UnsafeRawBufferPointer, repeat rounds: Int = 1) throws(BPFError) -> TestRun {
    var options = unsafe bpf_test_run_opts()
    unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
    unsafe options.data_in = unsafe packet.baseAddress.map { unsafe UnsafeRawPointer($0) }
    unsafe options.data_size_in = UInt32(packet.count)
    unsafe options.data_out = unsafe buffer.baseAddress
    unsafe options.data_size_out = UInt32(buffer.count)
    unsafe options.repeat = CInt(rounds)
    if hasContext {
      unsafe context.pointee.data_end = UInt32(packet.count)
      unsafe options.ctx_in = unsafe UnsafeRawPointer(context)
      unsafe options.ctx_size_in = UInt32(MemoryLayout<xdp_md>.size)
    }
    outputSize = 0
    try check(unsafe bpf_prog_test_run_opts(owner.rawValue, &options), packetSize: packet.count)
    outputSize = Int(unsafe options.data_size_out)
    return TestRun(
      returnValue: unsafe options.retval, size: outputSize, duration: .nanoseconds(Int64(unsafe options.duration)))
  }

  /// The packet as the last run left it; empty if that failed.
  public var output: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      let bytes = unsafe buffer.bytes.extracting(first: outputSize)
      return unsafe _overrideLifetime(bytes, borrowing: self)
    }
  }

  /// A copy of ``output``.
  public borrowing func copyOutput() -> [UInt8] { unsafe Array(buffer[..<outputSize]) }

  private func check(_ result: CInt, packetSize: Int) throws(BPFError) {
    guard result < 0 else { return }
    let hint: String? =
      switch -result {
      case ENOSPC: unsafe "the packet that came out has more than \(buffer.count) bytes"
      case EINVAL: "the packet must have at least 14 bytes and fit a memory page, and its device must exist"
      default: nil
      }
    throw BPFError("running a program on \(packetSize) bytes", Errno(rawValue: -result), hint: hint)
  }
}
