// SPDX-License-Identifier: MIT
import Health
import Wire

/// A DNS query over UDP, and what is made of its answer.
struct DNSExchange {
  private let question: DNSQuestion
  private let id: UInt16

  /// Bytes that an answer may have without being broken into fragments on any path (RFC 9715, 3.1).
  private static var answerLimit: UInt16 { 1232 }

  /// The question's name must be valid; `id` tells the answer from others, and is not to be guessed.
  init(_ question: DNSQuestion, id: UInt16) {
    self.question = question
    self.id = id
  }

  /// The message to send: RFC 1035, 4, with EDNS(0) (RFC 6891).
  var query: [UInt8] {
    let header = [id, DNSMessage.Flags.recursionDesired.rawValue, 1, 0, 0, 1]
    let name: [UInt8] = question.labels.flatMap { label in [UInt8(truncatingIfNeeded: label.count)] + label } + [0]
    // The root's name, the type, our limit in place of the class, no extended flags, no options.
    let options: [UInt8] = [0] + bytes([DNSMessage.optionsType, Self.answerLimit, 0, 0, 0])
    return bytes(header) + name + bytes([question.type.rawValue, DNSMessage.internetClass]) + options
  }

  private func bytes(_ words: [UInt16]) -> [UInt8] {
    words.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  /// nil where the answer is as it must be.
  func verdict(on answer: [UInt8]) -> CheckFailure? {
    do throws(DNSReader.Malformed) {
      let message = try DNSMessage(reading: answer)
      return mismatch(of: message).map { CheckFailure(.malformed, $0) }
        ?? complaint(about: message).map { CheckFailure(.dns, excerpt($0.utf8)) }
    } catch {
      return CheckFailure(.malformed, error.what)
    }
  }

  /// Why this is not an answer to our question.
  private func mismatch(of message: DNSMessage) -> String? {
    guard message.flags.contains(.isResponse) else { return "a query, not an answer" }
    guard message.id == id else { return "an answer to query \(message.id), not to \(id)" }
    guard let asked = message.question else {
      // A server that did not understand the question may leave it out.
      return message.responseCode == 0 ? "an answer without its question" : nil
    }
    let isOurs =
      asked.labels.map(lowercased) == question.labels.map(lowercased) && asked.type == question.type.rawValue
      && asked.recordClass == DNSMessage.internetClass
    return isOurs ? nil : "an answer to another question"
  }

  /// Why the answer is not the one that is wanted.
  private func complaint(about message: DNSMessage) -> String? {
    guard message.responseCode == 0 else { return Self.name(ofCode: message.responseCode) }
    guard let wanted = question.answer else { return nil }
    let found = message.answers.filter { $0.type == question.type.rawValue }.map(\.text)
    guard !found.contains(where: { comparable($0) == comparable(wanted) }) else { return nil }
    let what = found.isEmpty ? "no \(question.type) record" : found.joined(separator: ", ")
    return what + (message.flags.contains(.isTruncated) ? ", truncated" : "")
  }

  /// Addresses in their canonical form; names without the dot at the end; all without case.
  private func comparable(_ text: String) -> String {
    switch question.type {
    case .a, .aaaa: IPAddress(text)?.description ?? text
    case .ns, .soa: (text.last == "." && text != "." ? String(text.dropLast()) : text).lowercased()
    case .txt: text.lowercased()
    }
  }

  /// Of the response codes of RFC 6895, 2.3.
  private static func name(ofCode code: UInt16) -> String {
    let names = [
      "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
      "NOTZONE",
    ]
    return if names.indices.contains(Int(code)) { names[Int(code)] } else { code == 16 ? "BADVERS" : "RCODE \(code)" }
  }
}

/// As DNS compares: ASCII letters without their case (RFC 4343).
private func lowercased(_ label: [UInt8]) -> [UInt8] {
  label.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
}
