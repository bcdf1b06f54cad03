// SPDX-License-Identifier: MIT

/// What has come in answer to one request.
struct Reply<Entry> {
  let sequence: UInt32
  var entries: [Entry] = []
  var isComplete = true
  /// There at the end.
  var acknowledgement: Acknowledgement?

  init(sequence: UInt32) {
    self.sequence = sequence
  }

  mutating func add(
    _ message: Message, _ decode: (Message) throws(MalformedMessage) -> Entry?
  ) throws(MalformedMessage) {
    // What is left of an exchange that ended early, with an error in the middle of a list.
    guard message.sequence == sequence else { return }
    if message.flags.contains(.dumpInterrupted) { isComplete = false }
    if let acknowledgement = try Acknowledgement(message) {
      self.acknowledgement = acknowledgement
    } else if message.type != .nothing, let entry = try decode(message) {
      entries.append(entry)
    }
  }
}
