// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

extension Program {
  /// Runs an XDP program on `frame` as if the device with index `interface`, in the calling thread's network namespace,
  /// had just received it: what the program lets pass goes on into the host's own stack, and what it sends leaves.
  ///
  /// The host has dealt with the frame when this returns, as far as it does so at once. `frame` has an Ethernet header
  /// at least (14 bytes) and, with the kernel's own needs, fits a memory page: 3 KB do. Needs Linux 5.18. The
  /// corresponding C constant is `BPF_F_TEST_XDP_LIVE_FRAMES`.
  public func receive(_ frame: RawSpan, on interface: UInt32) throws(BPFError) {
    let result = unsafe frame.withUnsafeBytes { bytes in unsafe run(live: bytes, on: interface) }
    guard result < 0 else { return }
    let hint: String? =
      switch -result {
      case EINVAL: "needs Linux 5.18, a device that exists, and a frame of 14 to about 3,300 bytes"
      default: nil
      }
    throw BPFError(
      "handing a frame of \(frame.byteCount) bytes to interface \(interface)", Errno(rawValue: -result), hint: hint)
  }

  private func run(live frame: UnsafeRawBufferPointer, on interface: UInt32) -> CInt {
    var context = xdp_md()
    context.data_end = UInt32(frame.count)
    context.ingress_ifindex = interface
    return unsafe withUnsafeBytes(of: &context) { context in
      var options = unsafe bpf_test_run_opts()
      unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
      unsafe options.data_in = frame.baseAddress
      unsafe options.data_size_in = UInt32(frame.count)
      unsafe options.ctx_in = context.baseAddress
      unsafe options.ctx_size_in = UInt32(context.count)
      unsafe options.repeat = 1
      // Without it frames wait for others, and come when the run ends.
      unsafe options.batch_size = 1
      unsafe options.flags = UInt32(BPF_F_TEST_XDP_LIVE_FRAMES)
      return unsafe bpf_prog_test_run_opts(number, &options)
    }
  }
}
