// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing
import Wire

@Suite struct IPv4TextTests {
  @Test(
    arguments: [
      ("0.0.0.0", 0), ("192.0.2.1", 0xC000_0201), ("255.255.255.255", 0xFFFF_FFFF), ("1.20.100.0", 0x0114_6400),
    ] as [(String, UInt32)])
  func `Text and number stand for each other`(text: String, bits: UInt32) {
    #expect(IPv4Address(text)?.bits == bits)
    #expect(IPv4Address(bits: bits).description == text)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1", "1.2.3.999", "01.2.3.4", "1.2.3.00",
    "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "-1.2.3.4", "1.2.3.4/24", "1,2,3,4", "a.b.c.d", "١.٢.٣.٤",
    "1.2.3.²",
  ])
  func `Anything but four plain decimal numbers is refused`(text: String) {
    #expect(IPv4Address(text) == nil)
  }
}

@Suite struct IPv6TextTests {
  /// The recommendations of RFC 5952, section 4, and addresses of its other sections.
  @Test(arguments: [
    ("2001:0db8::0001", "2001:db8::1"),  // 4.1: leading zeros
    ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),  // 4.2.1: shorten as much as possible
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  // 4.2.2: not one group alone
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  // 4.2.3: the longest run
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  // 4.2.3: the first of equals
    ("2001:DB8::AbCd", "2001:db8::abcd"),  // 4.3: lower case
    ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),  // 5: mapped
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:0:0:4:5:6:0:0", "1::4:5:6:0:0"),
    ("1:2:3:4:5:6::", "1:2:3:4:5:6::"), ("::3:4:5:6:7:8", "::3:4:5:6:7:8"),
  ])
  func `Text is read in any form and written in the canonical one`(text: String, canonical: String) throws {
    let address = try #require(IPv6Address(text))
    #expect(address.description == canonical)
    #expect(IPv6Address(canonical) == address)
  }

  @Test(arguments: [
    "", ":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1:", ":1", "12345::", "g::", "fe80::1%eth0", "fe80::1%2",
    "[::1]", "::1/128", " ::1", "::1 ", "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::256.1.1.1", "::1.2.3.4:5", "::01.2.3.4",
    "1.2.3.4::", "1.2.3.4::1", "1:2:3:4:5:6:7:1.2.3.4", "::+1", "::-1", "::0x1", "::１",
  ])
  func `Anything else is refused`(text: String) {
    #expect(IPv6Address(text) == nil)
  }

  @Test func `The halves are in the order of the wire`() {
    let address: IPv6Address = "2001:db8:1:2:3:4:5:6"
    #expect(address.high == 0x2001_0DB8_0001_0002)
    #expect(address.low == 0x0003_0004_0005_0006)
  }
}

@Suite struct AddressPropertyTests {
  @Test func `Random addresses survive being written and read`() {
    let seed = SplitMix64.freshSeed()
    var random = SplitMix64(seed: seed)
    for _ in 0..<2_000 {
      let v4 = IPv4Address(bits: UInt32(truncatingIfNeeded: random.next()))
      let v6 = IPv6Address(high: random.sparse(), low: random.sparse())
      let mac = MACAddress(bits: random.next())
      #expect(IPv4Address(v4.description) == v4, "seed \(seed)")
      #expect(IPv6Address(v6.description) == v6, "seed \(seed)")
      #expect(MACAddress(mac.description) == mac, "seed \(seed)")
      #expect(IPAddress(v4.description) == .v4(v4) && IPAddress(v6.description) == .v6(v6), "seed \(seed)")
    }
  }

  /// The C library's `inet_pton` is as strict as RFC 4291 words it.
  @Test func `Random text is read as the C library reads it`() {
    let seed = SplitMix64.freshSeed()
    var random = SplitMix64(seed: seed)
    for _ in 0..<10_000 {
      let text = random.addressLikeText()
      #expect(IPv4Address(text)?.bits.octets == libraryReading(text, AF_INET, 4), "\(text), seed \(seed)")
      let v6 = IPv6Address(text).map { $0.high.octets + $0.low.octets }
      #expect(v6 == libraryReading(text, AF_INET6, 16), "\(text), seed \(seed)")
    }
  }

  private func libraryReading(_ text: String, _ family: CInt, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}

extension SplitMix64 {
  /// A word in which groups of zeros are likely.
  fileprivate mutating func sparse() -> UInt64 {
    let word = next()
    let mask = next()
    return (0..<4).reduce(0) { $0 | (mask >> UInt64($1) & 1) * (word & 0xFFFF << UInt64(16 * $1)) }
  }

  /// Text of the pieces that addresses are made of, often an address.
  fileprivate mutating func addressLikeText() -> String {
    let pieces = [
      "::", ":", ":", ":", ".", ".", "0", "1", "00", "ff", "7", "255", "1.2.3.4", "db8", "2001", "256", "g",
    ]
    guard below(2) == 0 else { return (0..<below(12)).map { _ in pieces[below(pieces.count)] }.joined() }
    var text = Array(IPv6Address(high: sparse(), low: sparse()).description)
    text.remove(at: below(text.count))
    text.insert(contentsOf: pieces[below(pieces.count)], at: below(text.count + 1))
    return String(text)
  }
}

@Suite struct PrefixTextTests {
  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.0/24"), ("0.0.0.0/0", "0.0.0.0/0"), ("192.0.2.1", "192.0.2.1/32"),
    ("2001:db8::/32", "2001:db8::/32"), ("::/0", "::/0"), ("::1", "::1/128"), ("192.0.2.1/24", "192.0.2.1/24"),
  ])
  func `An address with a length is a prefix, alone it is the whole`(text: String, canonical: String) throws {
    let prefix = try #require(IPPrefix(text))
    #expect(prefix.description == canonical)
    #expect(IPPrefix(canonical) == prefix)
  }

  @Test(arguments: [
    "", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/ 8",
    "192.0.2.0/8/8", "192.0.2.0/08", "192.0.2.0/255.255.255.0", "192.0.2/24", "192.0.2.0/99999999999999999999",
  ])
  func `Anything else is refused`(text: String) {
    #expect(IPPrefix(text) == nil)
  }

  @Test func `A length that does not fit the address makes no prefix`() {
    #expect(IPPrefix(address: .v4("192.0.2.0"), length: 33) == nil)
    #expect(IPPrefix(address: .v4("192.0.2.0"), length: -1) == nil)
    #expect(IPPrefix(address: .v6("::"), length: 128)?.length == 128)
  }
}

@Suite struct MACTextTests {
  @Test(
    arguments: [
      ("02:00:00:00:00:01", 0x0200_0000_0001), ("ff:ff:ff:ff:ff:ff", 0xFFFF_FFFF_FFFF),
      ("0A:b:C:d:E:f", 0x0A0B_0C0D_0E0F),
    ] as [(String, UInt64)])
  func `Six octets are an address`(text: String, bits: UInt64) {
    #expect(MACAddress(text)?.bits == bits)
  }

  @Test(arguments: [
    "", "02:00:00:00:00", "02:00:00:00:00:01:02", "02-00-00-00-00-01", "020000000001", "02:00:00:00:00:001",
    "02:00:00:00::1",
    "g2:00:00:00:00:01", "02:00:00:00:00:+1", ":02:00:00:00:00:01",
  ])
  func `Anything else is refused`(text: String) {
    #expect(MACAddress(text) == nil)
  }
}

@Suite struct AddressFamilyTests {
  @Test func `An IPv4 address is mapped for the tables and comes back`() {
    let address = IPAddress.v4("192.0.2.1")
    #expect(address.mapped == "::ffff:192.0.2.1")
    #expect(IPAddress(mapped: address.mapped) == address)
    #expect(address.mapped.embeddedIPv4 == "192.0.2.1")
    #expect(address.version == .v4)
  }

  @Test func `An IPv6 address stands for itself`() {
    let address = IPAddress.v6("2001:db8::1")
    #expect(address.mapped == "2001:db8::1")
    #expect(IPAddress(mapped: address.mapped) == address)
    #expect(address.version == .v6)
  }

  @Test(arguments: ["", "1.2.3", "1:2", "localhost"])
  func `What is of neither family is refused`(text: String) {
    #expect(IPAddress(text) == nil)
  }
}
