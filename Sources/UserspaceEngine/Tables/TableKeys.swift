// SPDX-License-Identifier: MIT
import DataPlane

extension ServiceKey: TableKey {
  @inline(__always)
  var tableHash: UInt64 {
    scramble(addressHigh ^ scramble(addressLow ^ UInt64(port) << 8 ^ UInt64(transportProtocol)))
  }
}

extension PrefixKey: TableKey {
  @inline(__always)
  var tableHash: UInt64 { scramble(high ^ scramble(low ^ UInt64(length))) }
}

extension PortTableKey: TableKey {
  @inline(__always)
  var tableHash: UInt64 { scramble(UInt64(number) << 8 | UInt64(transportProtocol)) }
}

/// Spreads the bits of a word over its lower half, where a table looks.
@inline(__always)
private func scramble(_ word: UInt64) -> UInt64 {
  let product = (word ^ word >> 32) &* 0x9E37_79B9_7F4A_7C15
  return product ^ product >> 29
}
