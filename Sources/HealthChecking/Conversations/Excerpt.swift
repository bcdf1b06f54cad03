// SPDX-License-Identifier: MIT

/// The beginning of what was seen, as people can read it: at most 100 characters, `...` where there was more; what is not
/// printable ASCII as `\n` or `\x1b`.
func excerpt(_ bytes: some Collection<UInt8>) -> String {
  var text = ""
  for byte in bytes {
    let next = printable(byte)
    guard text.utf8.count + next.utf8.count <= 100 else { return text + "..." }
    text += next
  }
  return text
}

private func printable(_ byte: UInt8) -> String {
  switch byte {
  case UInt8(ascii: "\n"): "\\n"
  case UInt8(ascii: "\r"): "\\r"
  case UInt8(ascii: "\t"): "\\t"
  case 0x20...0x7E: String(UnicodeScalar(byte))
  default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
