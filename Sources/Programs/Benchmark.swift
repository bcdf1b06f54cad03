// SPDX-License-Identifier: MIT
import CKernel
import DataPlane
import Wire

// For `BPF_PROG_TEST_RUN` with many rounds, never attached. Nobody restores the packet between two rounds: each one leaves
// it as it was, or the next would measure how a director lets its own output pass.

/// Sends the next client's packet through the data plane, and takes it back. The result is the verdict.
@c @section("xdp.benchmark") @used
func culvert_benchmark(_ context: UnsafePointer<xdp_md>) -> Int32 {
  round(context, forwards: true)
}

/// All that a round costs but forwarding.
@c @section("xdp.benchmark_idle") @used
func culvert_benchmark_idle(_ context: UnsafePointer<xdp_md>) -> Int32 {
  round(context, forwards: false)
}

@inline(__always)
private func round(_ context: UnsafePointer<xdp_md>, forwards: Bool) -> Int32 {
  let row: UnsafeMutablePointer<BenchmarkClients>? = lookup(0 as UInt32, in: benchmark_map())
  guard var environment = KernelEnvironment(context: context) else { return XDPAction.drop }
  let frame = environment.packet
  guard let row, frame.holds(BenchmarkFrame.size) else { return XDPAction.drop }
  BenchmarkFrame.setClient(ofFlow: row.pointee.take(), in: frame)
  var verdict = Verdict.sent
  var growth: UInt32 = 0
  if forwards {
    verdict = forward(&environment).verdict
    growth = verdict == .sent ? row.pointee.overhead : 0
  }
  // An idle round pays for this call too: the one in `forward` is forwarding's own.
  guard bpf_xdp_adjust_head(context, Int32(truncatingIfNeeded: growth)) == 0 else { return XDPAction.drop }
  let restored = environment.packet
  guard restored.holds(BenchmarkFrame.size) else { return XDPAction.drop }
  BenchmarkFrame.restore(restored)
  return Int32(verdict.rawValue)
}
