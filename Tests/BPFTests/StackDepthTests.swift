// SPDX-License-Identifier: MIT
import Testing

@testable import BPF

struct StackDepthTests {
  @Test(arguments: [
    ("verification time 65 usec\nstack depth 112\nprocessed 9 insns (limit 1000000)\n", 112),
    ("stack depth 8+0+24\n", 32), ("stack depth 0", 0),
    ("stack depth ?\n", nil), ("processed 9 insns\n", nil), ("", nil),
  ])
  func `the depth is the sum over all functions, and nil where the kernel does not tell`(log: String, depth: Int?) {
    #expect(Program.stackDepth(inLog: log) == depth)
  }
}
