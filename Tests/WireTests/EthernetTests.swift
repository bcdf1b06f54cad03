// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct EthernetTests {
  /// scapy: `Ether(dst="02:11:22:33:44:55", src="02:66:77:88:99:aa", type=0x800)`
  private let golden = hex("02 11 22 33 44 55  02 66 77 88 99 aa  08 00")
  private let header = EthernetHeader(destination: "02:11:22:33:44:55", source: "02:66:77:88:99:aa", type: .ipv4)

  @Test func `Parsing golden bytes gives the fields`() throws {
    #expect(try parsing(golden, EthernetHeader.init(parsing:)) == header)
  }

  @Test func `Emitting writes every byte of the header and none behind it`() {
    #expect(emitting(16, header.emit(into:)) == golden + [0xA5, 0xA5])
  }

  @Test(arguments: 0..<14)
  func `A header cut short is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) {
      try parsing(Array(golden.prefix(count)), EthernetHeader.init(parsing:))
    }
  }

  @Test func `An unknown type is kept`() throws {
    let bytes = golden.dropLast(2) + [0x86, 0xDD]
    #expect(try parsing(Array(bytes), EthernetHeader.init(parsing:)).type == EtherType(rawValue: 0x86DD))
  }

  @Test func `An address keeps 48 bits`() {
    #expect(MACAddress(bits: 0xFFFF_0200_0000_0001).bits == 0x0200_0000_0001)
    #expect(MACAddress.broadcast.description == "ff:ff:ff:ff:ff:ff")
    #expect(MACAddress.zero.description == "00:00:00:00:00:00")
  }
}
