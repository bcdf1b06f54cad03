// SPDX-License-Identifier: MIT
import Health
import TestSupport
import Testing

@testable import HealthChecking

/// Messages as scapy writes them: `bytes(dns_compress(DNS(id=0x1234, qr=1, qd=DNSQR(...), an=...)))`.
@Suite struct DNSExchangeTests {
  private static let web = "03777777 076578616d706c65 03636f6d 00"
  /// The header of an answer with one question and so many answers, and the question.
  private static func answer(_ type: String, _ records: String, count: String = "0001", to name: String = web)
    -> [UInt8]
  {
    hex("12348180 0001 \(count) 0000 0000 \(name) \(type) 0001 \(records)")
  }

  @Test func `a query is as scapy writes it`() {
    let query = DNSExchange(DNSQuestion(name: "www.example.com"), id: 0x1234).query
    #expect(query == hex("12340100 0001 0000 0000 0001 \(Self.web) 0001 0001 00 0029 04d0 0000 0000 0000"))
  }

  @Test func `the root is asked for by a dot`() {
    let query = DNSExchange(DNSQuestion(name: ".", type: .ns), id: 0xBEEF).query
    #expect(query == hex("beef0100 0001 0000 0000 0001 00 0002 0001 00 0029 04d0 0000 0000 0000"))
  }

  private static let addresses = hex(
    """
    12348180 0001 0003 0000 0001 \(web) 0001 0001
    c00c 0005 0001 0000003c 0006 03776562 c010 # CNAME web.example.com
    c02d 0001 0001 0000003c 0004 c0000201
    c02d 0001 0001 0000003c 0004 c0000202
    00 0029 04d0 00000000 0000
    """)
  private static let example = "076578616d706c65 03636f6d 00"
  private static let longAddress = answer("001c", "c00c 001c 0001 00000000 0010 20010db8000000000000000000000001")
  private static let nameServer = answer("0002", "c00c 0002 0001 00000000 0006 036e7331 c00c", to: example)
  private static let authority = answer(
    "0006", "c00c 0006 0001 00000000 0022 036e7331c00c 0561646d696ec00c 00000007 00000000 00000000 00000000 00000000",
    to: example)
  private static let text = answer(
    "0010", "c00c 0010 0001 00000000 000d 07 763d7370663120 04 2d616c6c", to: example)

  @Test(arguments: [
    (DNSQuestion(name: "www.example.com"), addresses), (DNSQuestion(name: "WWW.Example.com."), addresses),
    (DNSQuestion(name: "www.example.com", answer: "192.0.2.1"), addresses),
    (DNSQuestion(name: "www.example.com", answer: "192.0.2.2"), addresses),
    (DNSQuestion(name: "www.example.com", type: .aaaa, answer: "2001:DB8:0::1"), longAddress),
    (DNSQuestion(name: "example.com", type: .ns, answer: "NS1.example.com."), nameServer),
    (DNSQuestion(name: "example.com", type: .soa, answer: "ns1.example.com"), authority),
    (DNSQuestion(name: "example.com", type: .txt, answer: "v=SPF1 -all"), text),
    (DNSQuestion(name: "www.example.com"), answer("0001", "", count: "0000")),
  ])
  func `an answer is as it must be`(question: DNSQuestion, answer: [UInt8]) {
    #expect(DNSExchange(question, id: 0x1234).verdict(on: answer) == nil)
  }

  @Test(arguments: [
    (addresses, "192.0.2.1, 192.0.2.2"), (answer("0001", "", count: "0000"), "no a record"),
    (hex("12348380 0001 0000 0000 0000 \(web) 0001 0001"), "no a record, truncated"),
    (
      hex(
        """
        12348183 0001 0000 0001 0000 \(web) 0001 0001
        c010 0006 0001 00000000 0022 036e7331c010 0561646d696ec010 00000007 00000000 00000000 00000000 00000000
        """), "NXDOMAIN"
    ),
    (hex("12348182 0001 0000 0000 0000 \(web) 0001 0001"), "SERVFAIL"),
    (hex("12348185 0001 0000 0000 0000 \(web) 0001 0001"), "REFUSED"),
    (hex("1234818c 0001 0000 0000 0000 \(web) 0001 0001"), "RCODE 12"),
    (hex("12348180 0001 0000 0000 0001 \(web) 0001 0001 00 0029 04d0 01000000 0000"), "BADVERS"),
    (hex("12348101 0000 0000 0000 0000"), "FORMERR"),
  ])
  func `an answer that is not wanted says what it was`(answer: [UInt8], detail: String) {
    let question = DNSQuestion(name: "www.example.com", answer: "192.0.2.9")
    #expect(DNSExchange(question, id: 0x1234).verdict(on: answer) == CheckFailure(.dns, detail))
  }

  @Test(arguments: [
    ([], "cut off after 0 bytes"), (hex("12348180 0001 0001"), "cut off after 8 bytes"),
    (hex("12340100 0001 0000 0000 0000 \(web) 0001 0001"), "a query, not an answer"),
    (hex("12358180 0001 0000 0000 0000 \(web) 0001 0001"), "an answer to query 4661, not to 4660"),
    (hex("12348180 0001 0000 0000 0000 \(example) 0001 0001"), "an answer to another question"),
    (hex("12348180 0001 0000 0000 0000 \(web) 001c 0001"), "an answer to another question"),
    (hex("12348180 0001 0000 0000 0000 \(web) 0001 0003"), "an answer to another question"),
    (hex("12348180 0000 0000 0000 0000"), "an answer without its question"),
    (hex("12348180 0002 0000 0000 0000 \(web) 0001 0001 \(web) 0001 0001"), "2 questions"),
    (answer("0001", "c00c 0001 0001 00000000 0005 c000020100"), "an address of 5 bytes"),
    (answer("0001", "c00c 0001 0001 00000000 0005 c0000201"), "cut off after 49 bytes"),
    (answer("0001", "c00c 0001 0001 00000000 0004 c0000201", count: "0002"), "cut off after 49 bytes"),
    (answer("0001", "c021 0001 0001 00000000 0004 c0000201"), "a name's pointer does not point back"),
    (answer("0001", "01 61 c021 0001 0001 00000000 0004 c0000201"), "a name's pointer does not point back"),
    (answer("0001", "c0ff 0001 0001 00000000 0004 c0000201"), "a name's pointer does not point back"),
    (answer("0001", "40 0001 0001 00000000 0004 c0000201"), "a label of an unknown kind"),
    (answer("0001", "80 0001 0001 00000000 0004 c0000201"), "a label of an unknown kind"),
    (answer("0001", String(repeating: "01 61", count: 130) + "00"), "a name of more than 255 bytes"),
    (answer("0010", "c00c 0010 0001 00000000 0003 07 6162"), "cut off after 3 bytes"),
  ])
  func `what is no answer to the question says why`(answer: [UInt8], detail: String) {
    let failure = DNSExchange(DNSQuestion(name: "www.example.com"), id: 0x1234).verdict(on: answer)
    #expect(failure == CheckFailure(.malformed, detail))
  }

  /// Data of an unknown type may be anything, also a chain of pointers; the name after it follows them.
  @Test func `a name follows 127 pointers and no more`() {
    // The question's name at 12, its type and class up to 32; the first record's data from 44 on.
    let first = 44
    func chain(_ count: Int) -> [UInt8] {
      let pointers = (0..<count).flatMap { index in pointer(to: index == 0 ? 12 : first + 2 * (index - 1)) }
      let size = [UInt8(pointers.count >> 8), UInt8(pointers.count & 0xFF)]
      return hex("12348180 0001 0002 0000 0000 \(Self.web) 0001 0001 00 03e7 0001 00000000") + size + pointers
        + pointer(to: first + 2 * (count - 1)) + hex("0001 0001 00000000 0004 c0000201")
    }
    func pointer(to target: Int) -> [UInt8] { [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)] }
    let exchange = DNSExchange(DNSQuestion(name: "www.example.com", answer: "192.0.2.1"), id: 0x1234)
    // The record's own name is a pointer too.
    #expect(exchange.verdict(on: chain(126)) == nil)
    #expect(exchange.verdict(on: chain(127)) == CheckFailure(.malformed, "a name of more than 127 pointers"))
  }

  @Test func `hostile bytes stop nothing`() {
    let seed = SplitMix64.freshSeed()
    print("DNSExchangeTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    let answers = [Self.addresses, Self.longAddress, Self.nameServer, Self.authority, Self.text]
    for _ in 0..<20_000 {
      var answer = answers[random.below(answers.count)]
      for _ in 0...random.below(4) { answer[random.below(answer.count)] = UInt8(random.below(256)) }
      answer = Array(answer.prefix(random.below(4) == 0 ? random.below(answer.count) : answer.count))
      for type in DNSQuestion.RecordType.allCases {
        _ = DNSExchange(DNSQuestion(name: "example.com", type: type, answer: "x"), id: 0x1234).verdict(on: answer)
      }
    }
  }
}
