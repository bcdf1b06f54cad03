// SPDX-License-Identifier: MIT
import Health
import Wire

/// A DNS message as far as a check reads it.
struct DNSMessage {
  let id: UInt16
  let flags: Flags
  /// nil where there is none.
  private(set) var question: Question?
  private(set) var answers: [Record] = []
  /// The response code with its upper bits from EDNS (RFC 6891, 6.1.3).
  private(set) var responseCode: UInt16

  /// The header's second word.
  struct Flags: OptionSet {
    let rawValue: UInt16
    static let isResponse = Flags(rawValue: 0x8000)
    static let isTruncated = Flags(rawValue: 0x0200)
    static let recursionDesired = Flags(rawValue: 0x0100)
  }

  struct Question: Equatable {
    var labels: [[UInt8]]
    var type: UInt16
    var recordClass: UInt16
  }

  /// A resource record, its data as text.
  struct Record: Equatable {
    var type: UInt16
    var text: String
  }

  /// OPT, which stands for EDNS itself (RFC 6891, 6.1.1).
  static let optionsType: UInt16 = 41
  /// IN.
  static let internetClass: UInt16 = 1

  init(reading bytes: [UInt8]) throws(DNSReader.Malformed) {
    var reader = DNSReader(bytes)
    id = try reader.word()
    flags = Flags(rawValue: try reader.word())
    responseCode = flags.rawValue & 0xF
    let counts = try (reader.word(), reader.word(), reader.word(), reader.word())
    guard counts.0 <= 1 else { throw DNSReader.Malformed(what: "\(counts.0) questions") }
    if counts.0 == 1 {
      question = Question(labels: try reader.name(), type: try reader.word(), recordClass: try reader.word())
    }
    for _ in 0..<counts.1 { answers.append(try readRecord(&reader)) }
    // Authority and additional records.
    for _ in 0..<Int(counts.2) + Int(counts.3) { _ = try readRecord(&reader) }
  }

  private mutating func readRecord(_ reader: inout DNSReader) throws(DNSReader.Malformed) -> Record {
    _ = try reader.name()
    let type = try reader.word()
    _ = try reader.word()
    let upper = try reader.word()
    _ = try reader.word()
    if type == Self.optionsType { responseCode |= (upper >> 8) << 4 }
    let length = Int(try reader.word())
    // Names in the data may point into the message: a second reader stands where the data begins.
    var dataReader = reader
    let data = try reader.bytes(length)
    return Record(type: type, text: try Self.text(of: type, data, &dataReader))
  }

  private static func text(
    of type: UInt16, _ data: ArraySlice<UInt8>, _ reader: inout DNSReader
  ) throws(DNSReader.Malformed) -> String {
    switch DNSQuestion.RecordType(rawValue: type) {
    case .a where data.count == 4: IPv4Address(bits: data.reduce(0) { $0 << 8 | UInt32($1) }).description
    case .aaaa where data.count == 16: IPv6Address(bytes: data).description
    case .a, .aaaa: throw DNSReader.Malformed(what: "an address of \(data.count) bytes")
    // Of the start of authority, the first name: that of the primary server.
    case .ns, .soa: text(ofName: try reader.name())
    case .txt: try strings(in: data)
    case nil: ""
    }
  }

  private static func text(ofName labels: [[UInt8]]) -> String {
    labels.isEmpty ? "." : labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
  }

  /// Strings with a byte of length before each, joined (RFC 1035, 3.3.14).
  private static func strings(in data: ArraySlice<UInt8>) throws(DNSReader.Malformed) -> String {
    var reader = DNSReader(Array(data))
    var (text, read): ([UInt8], Int) = ([], 0)
    while read < data.count {
      let length = try reader.byte()
      text += try reader.bytes(length)
      read += 1 + length
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension IPv6Address {
  /// Sixteen bytes in network byte order.
  fileprivate init(bytes: ArraySlice<UInt8>) {
    let halves = [bytes.prefix(8), bytes.suffix(8)].map { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }
}
