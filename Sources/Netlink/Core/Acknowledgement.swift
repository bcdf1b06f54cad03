// SPDX-License-Identifier: MIT
import CLinux
import SystemPackage

/// How the kernel ends its answer: success, or an error with what it has to say about it.
struct Acknowledgement: Hashable {
  /// `nil` for success.
  let errno: Errno?
  let kernelMessage: String?
  /// Where in the request the fault is, in bytes from its start.
  let offset: Int?

  /// The error, to be thrown for `operation`, with what to do about it where `advice` says so.
  func error(of operation: String, advice: [Errno: String] = [:]) -> NetlinkError? {
    errno.map {
      NetlinkError(operation: operation, errno: $0, kernelMessage: kernelMessage, offset: offset, advice: advice[$0])
    }
  }

  /// Reads a message of type `.error` or `.done`; `nil` for others.
  init?(_ message: Message) throws(MalformedMessage) {
    guard message.type == .error || message.type == .done else { return nil }
    // The end of a dump may come without a number.
    let code = message.payload.byteCount >= 4 ? message.payload.load(CInt.self, at: 0) : 0
    errno = code == 0 ? nil : Errno(rawValue: 0 &- code)
    var text: String?
    var offset: Int?
    if let start = Self.attributesOffset(message) {
      var reader = AttributeReader<AcknowledgementAttribute>(message.payload.extracting(droppingFirst: start))
      while let type = reader.next() {
        switch type {
        case .message: text = reader.string()
        case .offset: offset = Int(reader.integer(UInt32.self))
        default: break
        }
      }
      try reader.finish()
    }
    kernelMessage = text
    self.offset = offset
  }

  /// Attributes follow the error number and the request, of which only the header is repeated when capped.
  private static func attributesOffset(_ message: Message) -> Int? {
    guard message.flags.contains(.acknowledgementAttributes) else { return nil }
    if message.type == .done { return min(4, message.payload.byteCount) }
    guard message.payload.byteCount >= MemoryLayout<nlmsgerr>.size else { return nil }
    let request = message.payload.load(nlmsgerr.self, at: 0).msg
    let repeated = message.flags.contains(.capped) ? MemoryLayout<nlmsghdr>.size : (Int(request.nlmsg_len) + 3) & ~3
    return min(4 + repeated, message.payload.byteCount)
  }
}

/// What an error message may carry after the request.
struct AcknowledgementAttribute: AttributeScope {
  let rawValue: UInt16

  /// Text for people. The corresponding C constant is `NLMSGERR_ATTR_MSG`.
  static let message = Self(rawValue: UInt16(NLMSGERR_ATTR_MSG.rawValue))
  /// Where the fault is. The corresponding C constant is `NLMSGERR_ATTR_OFFS`.
  static let offset = Self(rawValue: UInt16(NLMSGERR_ATTR_OFFS.rawValue))
}
