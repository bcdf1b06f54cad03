// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct TCPTests {
  /// scapy: `TCP(sport=40000, dport=80, seq=0x01020304, ack=0x05060708, flags="SA", window=8192, chksum=0xabcd)`
  private let golden = hex("9c 40 00 50  01 02 03 04  05 06 07 08  50 12 20 00  ab cd 00 00")

  @Test func `Parsing golden bytes gives the fields`() throws {
    let header = try parsing(golden, TCPHeader.init(parsing:))
    #expect(header.sourcePort == 40_000)
    #expect(header.destinationPort == 80)
    #expect(header.flags == [.synchronize, .acknowledge])
  }

  @Test(arguments: 0..<20)
  func `A header cut short is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) { try parsing(Array(golden.prefix(count)), TCPHeader.init(parsing:)) }
  }

  @Test(arguments: [
    (0x02, true), (0xC2, true), (0x0A, true), (0x06, true),
    (0x00, false), (0x12, false), (0x10, false), (0x11, false), (0x04, false), (0xFF, false),
  ])
  func `A connection is opened by SYN without ACK`(flags: Int, opens: Bool) {
    #expect(TCPHeader.Flags(rawValue: UInt8(flags)).opensConnection == opens)
  }
}

@Suite struct UDPTests {
  /// scapy: `UDP(sport=53000, dport=53, len=12, chksum=0xabcd) / b"abcd"`
  private let golden = hex("cf 08 00 35  00 0c ab cd  61 62 63 64")

  @Test func `Parsing golden bytes gives the fields`() throws {
    let header = try parsing(golden, UDPHeader.init(parsing:))
    #expect(header.sourcePort == 53_000)
    #expect(header.destinationPort == 53)
    #expect(header.length == 12)
  }

  @Test(arguments: 0..<8)
  func `A header cut short is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) { try parsing(Array(golden.prefix(count)), UDPHeader.init(parsing:)) }
  }

  @Test(arguments: 0..<8)
  func `A length below the header's contradicts itself`(length: UInt8) {
    var bytes = golden
    bytes[4...5] = [0, length]
    #expect(throws: Malformation.length) { try parsing(bytes, UDPHeader.init(parsing:)) }
  }

  @Test func `A header without payload is a datagram`() throws {
    var bytes = golden
    bytes[5] = 8
    #expect(try parsing(bytes, UDPHeader.init(parsing:)).length == 8)
  }
}

@Suite struct GRETests {
  /// scapy: `GRE(proto=0x800)`
  private let golden = hex("00 00 08 00")

  @Test func `Parsing golden bytes gives the type`() throws {
    #expect(try parsing(golden, GREHeader.init(parsing:)) == GREHeader(type: .ipv4))
  }

  @Test func `Emitting writes every byte of the header and none behind it`() {
    #expect(emitting(6, GREHeader(type: .ipv4).emit(into:)) == golden + [0xA5, 0xA5])
  }

  @Test(arguments: 0..<4)
  func `A header cut short is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) { try parsing(Array(golden.prefix(count)), GREHeader.init(parsing:)) }
  }

  /// scapy: `GRE(proto=0x86dd, key_present=1, key=7)`
  private let keyed = hex("20 00 86 dd 00 00 00 07")

  @Test func `A key is read and written`() throws {
    #expect(try parsing(keyed, GREHeader.init(parsing:)) == GREHeader(type: .ipv6, key: 7))
    #expect(emitting(10, GREHeader(type: .ipv6, key: 7).emit(into:)) == keyed + [0xA5, 0xA5])
  }

  @Test(arguments: 0..<8)
  func `A header with a key that is cut short is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) { try parsing(Array(keyed.prefix(count)), GREHeader.init(parsing:)) }
  }

  @Test(arguments: [
    "a0 00 08 00 00 00 00 00 00 00 00 07",  // checksum and key
    "80 00 08 00 00 00 00 00",  // checksum
    "40 00 08 00 00 00 00 00",  // routing (RFC 1701)
    "10 00 08 00 00 00 00 01",  // sequence number
    "00 01 88 0b 00 00 00 00",  // version 1, PPTP (RFC 2637)
    "00 80 08 00",  // a reserved bit
  ])
  func `Options and other versions are refused`(bytes: String) {
    #expect(throws: Malformation.version) { try parsing(hex(bytes), GREHeader.init(parsing:)) }
  }
}
