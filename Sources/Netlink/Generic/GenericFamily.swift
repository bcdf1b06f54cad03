// SPDX-License-Identifier: MIT
import CLinux

/// A family of generic netlink: its number is given out while the kernel runs, and asked for by its name.
struct GenericFamily: Hashable, Sendable {
  /// Stands as the type of its messages.
  let type: MessageType

  /// The family that knows the others. The corresponding C constant is `GENL_ID_CTRL`.
  fileprivate static let control = Self(type: MessageType(rawValue: UInt16(GENL_ID_CTRL)))

  init(type: MessageType) {
    self.type = type
  }

  /// Reads the answer to ``Request/family(named:)``; `nil` if it names none.
  init?(_ message: Message) throws(MalformedMessage) {
    _ = try message.header(genlmsghdr.self)
    var found: UInt16?
    var attributes = message.attributes(FamilyAttribute.self, after: genlmsghdr.self)
    while let attribute = attributes.next() {
      if attribute == .number { found = attributes.integer() }
    }
    try attributes.finish()
    guard let found else { return nil }
    type = MessageType(rawValue: found)
  }

  /// A request to this family.
  func request<Scope: AttributeScope>(
    _ verb: String, command: Int, version: CInt, _ flags: MessageFlags = [],
    _ attributes: (inout AttributeWriter<Scope>) -> Void
  ) throws(NetlinkError) -> Request {
    let header = genlmsghdr(cmd: UInt8(command), version: UInt8(version), reserved: 0)
    return try Request(verb, type, flags, header: header, attributes)
  }
}

extension Request {
  /// Asks for the number of a family; refused with `.noSuchFileOrDirectory` while nobody offers it.
  static func family(named name: String) throws(NetlinkError) -> Request {
    try GenericFamily.control.request("look for \"\(name)\"", command: CTRL_CMD_GETFAMILY, version: 1) {
      (message: inout AttributeWriter<FamilyAttribute>) in
      message.put(.name, name)
    }
  }
}

/// The attributes of a message about a family.
private struct FamilyAttribute: AttributeScope {
  let rawValue: UInt16

  /// The corresponding C constant is `CTRL_ATTR_FAMILY_ID`.
  static let number = Self(rawValue: UInt16(CTRL_ATTR_FAMILY_ID))
  /// The corresponding C constant is `CTRL_ATTR_FAMILY_NAME`.
  static let name = Self(rawValue: UInt16(CTRL_ATTR_FAMILY_NAME))
}
