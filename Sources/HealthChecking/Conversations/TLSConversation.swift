// SPDX-License-Identifier: MIT
import Health

/// A TLS handshake, and perhaps HTTP inside of it.
struct TLSConversation: StreamConversation {
  private let session: Result<TLSSession, CheckFailure>
  private var inner: HTTPConversation?
  private var isEstablished = false
  private var ending: Result<Void, CheckFailure>?

  /// `inner` begins when the handshake is done; without it, that is the end. The certificate must be for `host` if the
  /// question does not say whom. `context` stands in for the one that all share.
  init(_ question: TLSQuestion, host: String, inside inner: HTTPConversation? = nil, context: TLSContext? = nil) {
    session = Result { () throws(CheckFailure) in
      let context = if let context { context } else { try TLSContext.shared(verifies: question.verifies) }
      return try TLSSession(context, name: question.serverName ?? host)
    }
    self.inner = inner
  }

  mutating func begin() -> ConversationStep { advance([]) }

  mutating func receive(_ bytes: [UInt8]) -> ConversationStep { advance(bytes) }

  /// Many end a connection without a word in TLS.
  mutating func end() -> ConversationStep {
    if ending == nil, isEstablished { ending = inner?.end().ending }
    let ending = self.ending ?? .failure(CheckFailure(.closed, "in the TLS handshake"))
    self.ending = ending
    return ConversationStep(ending: ending)
  }

  private mutating func advance(_ bytes: [UInt8]) -> ConversationStep {
    guard ending == nil else { return ConversationStep(ending: ending) }
    do throws(CheckFailure) {
      let session = try session.get()
      try session.feed(bytes)
      try establish(session)
      try converse(session)
    } catch {
      ending = .failure(error)
    }
    // After a failure too: an alert says why.
    return ConversationStep(send: (try? session.get().drain()) ?? [], ending: ending)
  }

  private mutating func establish(_ session: TLSSession) throws(CheckFailure) {
    guard !isEstablished, try session.shakeHands() else { return }
    isEstablished = true
    guard let step = inner?.begin() else {
      ending = .success(())
      return
    }
    try follow(step, session)
  }

  private mutating func converse(_ session: TLSSession) throws(CheckFailure) {
    while isEstablished, ending == nil {
      switch try session.read() {
      case .bytes(let bytes): try follow(inner?.receive(bytes), session)
      case .end: try follow(inner?.end(), session)
      case .nothing: return
      }
    }
  }

  private mutating func follow(_ step: ConversationStep?, _ session: TLSSession) throws(CheckFailure) {
    try session.write(step?.send ?? [])
    ending = step?.ending
  }
}
