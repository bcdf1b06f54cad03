// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Provisioning
import TestSupport
import Testing
import Wire

@testable import Diagnosis
@testable import Netlink

struct PictureTests {
  /// Of a kernel with sockets at 127.0.0.1, 10.0.0.2, `::`, `2001:db8:f::80` and `::ffff:10.0.0.2`, and one connection.
  @Test func `sockets are read from the kernel's tables`() {
    let tcp = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
         1: 0200000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
         2: 0200000A:0050 076433C6:9C40 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
      """
    #expect(
      OpenSocket.all(.tcp, in: tcp) == [
        OpenSocket(protocolName: .tcp, address: ip("127.0.0.1"), port: 8080),
        OpenSocket(protocolName: .tcp, address: ip("10.0.0.2"), port: 80),
      ])
    let udp = """
        sl  local_address                         remote_address                        st tx_queue rx_queue
         0: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000
         1: B80D012000000F000000000080000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000
         2: 0000000000000000FFFF00000200000A:0035 00000000000000000000000000000000:0000 07 00000000:00000000
      """
    #expect(
      OpenSocket.all(.udp, in: udp).map(\.address) == [ip("::"), ip("2001:db8:f::80"), ip("10.0.0.2")])
  }

  @Test(arguments: ["", "\n\n", "head\n0: nonsense 0 0A", "head\n0: 01:02:03 0 0A", "head\n0: 0100007FFF:1F90 0 0A 0"])
  func `what is no line of such a table is passed over`(_ text: String) {
    #expect(OpenSocket.all(.tcp, in: text) == [])
  }

  @Test func `a wildcard of IPv6 takes IPv4 as well, one of IPv4 does not take IPv6`() {
    let both = OpenSocket(protocolName: .tcp, address: ip("::"), port: 80)
    #expect(both.receives(ip("203.0.113.80")) && both.receives(ip("2001:db8:f::80")))
    let four = OpenSocket(protocolName: .tcp, address: ip("0.0.0.0"), port: 80)
    #expect(four.receives(ip("203.0.113.80")) && !four.receives(ip("2001:db8:f::80")))
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false), ("0.0.0.0/0", "1.2.3.4", true),
    ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "10.0.0.1", false), ("2001:db8::/32", "2001:db8:1::1", true),
  ])
  func `a prefix covers addresses of its own version`(_ text: String, _ address: String, _ covers: Bool) {
    #expect(prefix(text).covers(ip(address)) == covers)
  }

  @Test(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
  func `a host is seen as it is`() throws {
    try withNetworkNamespace {
      try run("ip", "link", "set", "lo", "up")
      try run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "d0")
      try run("ip", "link", "set", "eth0", "up")
      try run("ip", "address", "add", "10.0.0.2/24", "dev", "eth0")
      try run("ip", "rule", "add", "priority", "100", "from", "203.0.113.80", "prohibit")
      try Sysctl("net/ipv4/conf/eth0/rp_filter").write(1)
      var expectation = Hosts.bpf().expectation
      expectation.interfaces = ["eth0"]
      let picture = try HostPicture(of: expectation)
      #expect(picture.link("eth0")?.isUp == true)
      #expect(picture.effective("rp_filter", on: "eth0") == 1)
      #expect(picture.holders(of: ip("10.0.0.2")).count == 1)
      #expect(picture.rules.contains { $0.words == "priority 100 from 203.0.113.80 prohibit" })
      #expect(picture.offloads["eth0"] == Offloads(sendsUnfinishedChecksums: true))
      #expect(picture.decapsulator == nil)
      #expect(!picture.ownsLimits)
      let answer = picture.answers[AnswerWay(source: ip("203.0.113.80"), destination: ip("198.51.100.7"))]
      guard case .refused = answer else { return #expect(Bool(false), "\(String(describing: answer))") }
    }
  }
}
