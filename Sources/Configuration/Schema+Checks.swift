// SPDX-License-Identifier: MIT
import Health

extension Schema {
  /// A health check. Where its type cannot be read, every key of any may stand.
  func check(_ name: String, _ value: Value) -> HealthCheck? {
    value.fields { fields -> HealthCheck? in
      let type = fields.required("type", scalar(Format.choice(Words.checkTypes)))
      let keys = CheckKeys(type: type)
      let question = self.question(keys, of: value, &fields)
      var check = HealthCheck(name: name, question: question ?? .tcp)
      if type == .command { check.fullSize = .off }
      readWay(&check, keys, &fields)
      readTimes(&check, of: value, &fields)
      return question == nil ? nil : check
    }
  }

  private func readWay(_ check: inout HealthCheck, _ keys: CheckKeys, _ fields: inout Fields) {
    let port = keys.read("port", of: CheckType.askingPort, &fields, scalar(Format.number(in: 1...65_535)))
    check.port = port.map { UInt16($0) }
    if let path = keys.read("path", of: CheckType.probing, &fields, scalar(Format.checkPath)) { check.path = path }
    let fullSize = keys.read("full-size", of: CheckType.probing, &fields, scalar(Format.fullSize))
    if let fullSize { check.fullSize = fullSize }
  }

  private func readTimes(_ check: inout HealthCheck, of value: Value, _ fields: inout Fields) {
    let interval = fields.optional("interval", scalar(Format.time(in: .milliseconds(100) ... .seconds(3_600))))
    if let interval { check.interval = interval }
    check.timeout = min(check.timeout, check.interval)
    let timeout = fields.optional("timeout", scalar(Format.time(in: .milliseconds(10) ... .seconds(3_600))))
    if let timeout { check.timeout = timeout }
    if check.timeout > check.interval {
      value.reading.report(
        """
        "timeout" of \(value.label) is longer than its interval of \(TimeText.text(of: check.interval)): a round ends \
        before the next one begins
        """, at: value.position(of: "timeout"), suggestion: TimeText.text(of: check.interval))
    }
    if let rise = fields.optional("rise", scalar(Format.number(in: 1...100))) { check.rise = rise }
    if let fall = fields.optional("fall", scalar(Format.number(in: 1...100))) { check.fall = fall }
  }
}

/// The keys of a check, some of which are for some types alone.
struct CheckKeys {
  /// `nil` where it cannot be read.
  let type: CheckType?

  /// Whether the check may be one of `types`.
  func mayBe(_ types: [CheckType]) -> Bool { type.map(types.contains) ?? true }

  /// Reads the value of a key that is for `types`, and may be left out.
  func read<Content>(
    _ key: String, of types: [CheckType], _ fields: inout Fields, _ read: Reader<Content>
  ) -> Content? {
    fields.optional(key, where: mayBe(types), otherwise: otherwise(types), read)
  }

  /// Reads the value of a key that checks of `owner` must have, and others have not.
  func require<Content>(
    _ key: String, of owner: CheckType, _ fields: inout Fields, _ read: Reader<Content>
  ) -> Content? {
    type == owner ? fields.required(key, read) : self.read(key, of: [owner], &fields, read)
  }

  private func otherwise(_ types: [CheckType]) -> String {
    let words = types.map(\.word)
    let all = words.count == 1 ? words[0] : "\(words.dropLast().joined(separator: ", ")) and \(words.last ?? "")"
    return "is for \(all), not \(type?.word ?? "")"
  }
}

extension Format {
  /// The way of a check. A path of a request is what people mean by one that begins with a slash.
  fileprivate static func checkPath(_ text: String) throws(Refusal) -> HealthCheck.Path {
    guard !text.hasPrefix("/") else {
      throw Refusal(
        reason: "is the way that is tried, tunnel, direct or both: the path of a request is its \"target\"",
        suggestion: "target: \(text)")
    }
    return try choice(Words.paths)(text)
  }

  /// `auto`, `off` or a number of bytes.
  fileprivate static func fullSize(_ text: String) throws(Refusal) -> HealthCheck.FullSize {
    guard text.first?.isNumber != true else { return .bytes(try number(in: 100...65_535)(text)) }
    return try choice(Words.fullSizes, or: "a number of bytes from 100 to 65535")(text)
  }
}
