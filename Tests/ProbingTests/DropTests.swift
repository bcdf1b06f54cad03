// SPDX-License-Identifier: MIT
import Testing
import Wire

@testable import Probing

struct DropTests {
  /// As Linux 6.1 and 6.18 print it.
  @Test(arguments: [
    """
               <...>-812     [001] b.s1.   120.301337: kfree_skb: skbaddr=00000000d25adf5f protocol=2048 \
    location=tcp_v4_rcv+0x157/0xf30 reason: NO_SOCKET
    """,
    """
                  nc-812     [000] ..s1.   956.033543: kfree_skb: skbaddr=0000000081048498 \
    rx_sk=0000000000000000 protocol=2048 location=tcp_v4_rcv+0x91/0x13f0 reason: NO_SOCKET
    """,
  ])
  func `is read by the names of its fields`(_ line: String) {
    #expect(Drop(line: line) == Drop(reason: "NO_SOCKET", function: "tcp_v4_rcv", type: .ipv4, thread: 812))
  }

  @Test func `has a thread whose name may hold anything`() {
    let line = "   kworker/1:2-[3]-a-77 [003] ..s1. 1.5: kfree_skb: protocol=34525 location=0xffff reason: IP_CSUM"
    #expect(Drop(line: line) == Drop(reason: "IP_CSUM", function: "0xffff", type: .ipv6, thread: 77))
  }

  @Test(arguments: [
    "# tracer: nop", "", "   nc-1 [000] ..s1. 1.0: consume_skb: skbaddr=0", "kfree_skb: ",
    "   nc-1 [000] ..s1. 1.0: kfree_skb: protocol=x location=f reason: NO_SOCKET",
    "   nc-1 [000] ..s1. 1.0: kfree_skb: protocol=2048 location=f",
  ])
  func `is nothing else`(_ line: String) {
    #expect(Drop(line: line) == nil)
  }

  private func drop(_ reason: String, thread: Int) -> Drop {
    Drop(reason: reason, function: "f", type: .ipv4, thread: thread)
  }

  @Test func `of this thread counts alone, whatever its reason`() {
    let drops = [drop("NO_SOCKET", thread: 1), drop("NOT_SPECIFIED", thread: 2)]
    #expect(DropReasons.narrowed(drops, to: 2) == [drops[1]])
  }

  @Test func `of another thread counts where this one has none, if it has a reason`() {
    let drops = [drop("NO_SOCKET", thread: 1), drop("NOT_SPECIFIED", thread: 3)]
    #expect(DropReasons.narrowed(drops, to: 2) == [drops[0]])
  }
}
