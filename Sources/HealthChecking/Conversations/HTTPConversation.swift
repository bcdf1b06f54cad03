// SPDX-License-Identifier: MIT
import Health
import NIOCore
import NIOHTTP1

/// One HTTP/1.1 request and its answer, heard only as far as the question needs it.
struct HTTPConversation: StreamConversation {
  private let question: HTTPQuestion
  private let host: String
  private let codec = HTTPCodec()
  /// The first bytes that came, for what is said of a failure.
  private var opening: [UInt8] = []
  private var body: BodySearch
  private var ending: Result<Void, CheckFailure>?

  /// Enough for the status line, also after interim answers.
  private static var openingLimit: Int { 1024 }

  init(_ question: HTTPQuestion, host: String) {
    self.question = question
    self.host = host
    body = BodySearch(for: question.body ?? "")
  }

  mutating func begin() -> ConversationStep {
    do {
      return ConversationStep(send: try codec.encode(HTTPRequestHead(question, host: host)))
    } catch {
      return conclude { CheckFailure(.local, "cannot write the request: \(error)") }
    }
  }

  mutating func receive(_ bytes: [UInt8]) -> ConversationStep {
    opening += bytes.prefix(Self.openingLimit - opening.count)
    let heard = codec.decode(bytes)
    weigh(heard.parts)
    guard let error = heard.error else { return ConversationStep(ending: ending) }
    let seen = excerpt(opening)
    return conclude { CheckFailure(.malformed, "\(error): \(seen)") }
  }

  /// The end of the connection is that of a body without a length.
  mutating func end() -> ConversationStep {
    weigh(codec.decodeEnd().parts)
    let seen = opening.isEmpty ? "no answer" : excerpt(opening)
    return conclude { CheckFailure(.closed, seen) }
  }

  /// An ending that was found before stays: all that came before an error counts.
  private mutating func conclude(_ failure: () -> CheckFailure) -> ConversationStep {
    let ending = self.ending ?? .failure(failure())
    self.ending = ending
    return ConversationStep(ending: ending)
  }

  private mutating func weigh(_ parts: [HTTPClientResponsePart]) {
    for part in parts where ending == nil {
      switch part {
      case .head(let head): weigh(head, followedBy: parts)
      case .body(let bytes): weigh(bytes.readableBytesView)
      case .end: ending = .failure(bodyFailure)
      }
    }
  }

  private mutating func weigh(_ head: HTTPResponseHead, followedBy parts: [HTTPClientResponsePart]) {
    let code = Int(head.status.code)
    if !question.status.contains(where: { $0.contains(code) }) {
      ending = .failure(CheckFailure(.status, statusLine(code: code) + beginning(of: parts)))
    } else if body.isFound {
      ending = .success(())
    }
  }

  private mutating func weigh(_ bytes: some Collection<UInt8>) {
    body.take(bytes)
    if body.isFound {
      ending = .success(())
    } else if body.isFull {
      ending = .failure(bodyFailure)
    }
  }

  private var bodyFailure: CheckFailure {
    CheckFailure(.body, body.seen.isEmpty ? "no body" : excerpt(body.seen))
  }

  /// The status line as it came; the library knows only its code.
  private func statusLine(code: Int) -> String {
    let lines = opening.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    let line = lines.first { $0.starts(with: "HTTP/".utf8) && excerpt($0).contains(" \(code)") }
    return line.map { excerpt($0) } ?? "status \(code)"
  }

  /// What has come of the body already.
  private func beginning(of parts: [HTTPClientResponsePart]) -> String {
    for case .body(let bytes) in parts { return ": " + excerpt(bytes.readableBytesView) }
    return ""
  }
}
