// SPDX-License-Identifier: MIT
import SystemPackage
import Testing

@testable import BPF

@Suite struct VerifierErrorTests {
  /// As Linux 6.18 wrote it.
  private static let recorded = """
    func#0 @0
    0: R1=ctx() R10=fp0
    0: (61) r1 = *(u32 *)(r1 +0)          ; R1_w=pkt(r=0)
    1: (71) r0 = *(u8 *)(r1 +20)
    invalid access to packet, off=20 size=1, R1(id=0,off=20,r=0)
    R1 offset is outside of the packet
    processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

    """

  @Test(arguments: [
    (recorded, "R1 offset is outside of the packet", 6),
    ("too many instructions", "too many instructions", 0),
    ("a\nverification time 5 usec\nstack depth 0\nprocessed 2 insns (limit 1000000)\n", "a", 3),
    ("processed 2 insns (limit 1000000)\n", "processed 2 insns (limit 1000000)", 0),
    ("\n \n", "", 0),
  ]) func `The last line that tells is the summary`(log: String, line: String, omitted: Int) {
    let summary = VerifierError(program: "p", errno: .permissionDenied, log: log).summary
    #expect(summary.line == line)
    #expect(summary.omitted == omitted)
  }

  @Test func `The error says what, why, and how much more there is`() {
    let error = VerifierError(program: "director", errno: .permissionDenied, log: Self.recorded)
    #expect(
      error.description
        == "the kernel's verifier refuses program director: R1 offset is outside of the packet (6 lines of its log omitted)"
    )
    #expect(error.log.hasPrefix("func#0"))
  }
}

@Suite struct BPFErrorTests {
  @Test(arguments: [
    (
      BPFError("creating map flows", .notPermitted),
      "creating map flows: Operation not permitted (run as root, or with the capabilities CAP_BPF and CAP_NET_ADMIN "
        + "(CAP_SYS_ADMIN before Linux 5.8))"
    ),
    (BPFError("creating map flows", .fileExists), "creating map flows: File exists"),
    (BPFError("reading map m", .init(rawValue: 524)), "reading map m: not supported by this kernel"),
    (BPFError("pinning", .invalidArgument, hint: "mount it"), "pinning: Invalid argument (mount it)"),
  ]) func `An error says what was tried and what to do`(error: BPFError, text: String) {
    #expect(error.description == text)
  }

  @Test(
    arguments: [
      ("0-1\n", 2), ("0", 1), ("0-3,8-11\n", 8), ("0,2,4-5", 4), ("", nil), ("x", nil), ("3-1", nil), ("1-2-3", nil),
    ] as [(String, Int?)]) func `Possible processors are counted from the kernel's list`(list: String, count: Int?)
  {
    #expect(PossibleCPUs.count(inList: list) == count)
  }
}
