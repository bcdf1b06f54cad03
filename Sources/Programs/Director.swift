// SPDX-License-Identifier: MIT
import CKernel
import DataPlane

/// What the kernel does with a frame when an XDP program returns (`enum xdp_action` of linux/bpf.h).
enum XDPAction {
  static var drop: Int32 { 1 }
  static var pass: Int32 { 2 }
  static var transmit: Int32 { 3 }
}

/// Forwards clients' packets: attached where they arrive.
@c @section("xdp") @used
func culvert_director(_ context: UnsafePointer<xdp_md>) -> Int32 {
  guard var environment = KernelEnvironment(context: context) else { return XDPAction.pass }
  let decision = forward(&environment)
  switch decision.verdict.action {
  case .transmit: return transmit(through: decision.interface, context)
  case .reply: return XDPAction.transmit
  case .pass: return XDPAction.pass
  case .drop: return XDPAction.drop
  }
}

/// Back out of the interface it came by where that is the way, else through another.
@inline(__always)
private func transmit(through interface: UInt32, _ context: UnsafePointer<xdp_md>) -> Int32 {
  guard interface != context.pointee.ingress_ifindex else { return XDPAction.transmit }
  return Int32(truncatingIfNeeded: bpf_redirect(interface, 0))
}

/// The same, but the result is the verdict itself: for `BPF_PROG_TEST_RUN`, never attached.
@c @section("xdp.verdict") @used
func culvert_verdict(_ context: UnsafePointer<xdp_md>) -> Int32 {
  guard var environment = KernelEnvironment(context: context) else { return 0 }
  return Int32(forward(&environment).verdict.rawValue)
}
