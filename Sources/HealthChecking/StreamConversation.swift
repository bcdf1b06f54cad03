// SPDX-License-Identifier: MIT
import Health

/// What a check says and hears over a connection: bytes in, bytes out, no I/O.
protocol StreamConversation {
  /// The connection stands: what to send first.
  mutating func begin() -> ConversationStep

  /// Bytes came, in order.
  mutating func receive(_ bytes: [UInt8]) -> ConversationStep

  /// The other side will send no more.
  mutating func end() -> ConversationStep
}

/// What follows in a conversation.
struct ConversationStep {
  var send: [UInt8] = []
  /// How it ended; nil while it goes on.
  var ending: Result<Void, CheckFailure>?
}
