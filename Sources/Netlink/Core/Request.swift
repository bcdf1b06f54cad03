// SPDX-License-Identifier: MIT
import CLinux
import CMnl
import SystemPackage

/// A message to the kernel, complete but for its sequence number, which the connection fills in. Its length is a multiple
/// of 4, so that another may follow.
struct Request: Hashable, Sendable {
  /// What it tries, without the link it is about.
  private let verb: String
  /// The link it is about, which errors name at the end.
  let link: InterfaceIndex?
  private(set) var bytes: [UInt8]
  /// What to do about a refusal, where that is known beforehand.
  let advice: [Errno: String]

  /// Room for a usual request: a link with all its settings stays below 512 bytes.
  private static let usualCapacity = 4096
  /// The longest request: the length of an attribute, and so of what nests in one, has 16 bits.
  private static let largestCapacity = 65_536

  /// Writes a message: the netlink header, the fixed `header` of its family, and attributes.
  ///
  /// `.request` is always added to `flags`, and `.acknowledge` unless they ask for a dump: a dump ends with a message
  /// of its own. `attributes` is called again with more room where they do not fit.
  ///
  /// - Throws: ``NetlinkError`` with `.messageTooLong` when the attributes do not fit; nothing has been sent then.
  init<Header: BitwiseCopyable, Scope: AttributeScope>(
    _ verb: String, link: InterfaceIndex? = nil, _ type: MessageType, _ flags: MessageFlags = [], header: Header,
    advice: [Errno: String] = [:], _ attributes: (inout AttributeWriter<Scope>) -> Void
  ) throws(NetlinkError) {
    self.verb = verb
    self.link = link
    self.advice = advice
    let flags = flags.isSuperset(of: .dump) ? flags.union(.request) : flags.union([.request, .acknowledge])
    var capacity = Self.usualCapacity
    var written = Self.write(type, flags, header, attributes, capacity: capacity)
    while written == nil, capacity < Self.largestCapacity {
      capacity *= 4
      written = Self.write(type, flags, header, attributes, capacity: capacity)
    }
    bytes = written ?? []
    if written == nil { throw NetlinkError(operation: operation(), errno: .messageTooLong) }
  }

  /// The whole message, or `nil` if it takes more than `capacity` bytes.
  private static func write<Header: BitwiseCopyable, Scope: AttributeScope>(
    _ type: MessageType, _ flags: MessageFlags, _ header: Header,
    _ attributes: (inout AttributeWriter<Scope>) -> Void, capacity: Int
  ) -> [UInt8]? {
    var overflowed = false
    // Array storage is aligned to 16 bytes, which suits the 4 of netlink.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      // libmnl leaves the padding after values as it finds it: without this it would carry bits of our heap.
      unsafe buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, let message = unsafe mnl_nlmsg_put_header(start) else { return }
      unsafe message.pointee.nlmsg_type = type.rawValue
      unsafe message.pointee.nlmsg_flags = flags.rawValue
      if let extra = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<Header>.size) {
        unsafe extra.storeBytes(of: header, as: Header.self)
      }
      var writer = unsafe AttributeWriter<Scope>(message, capacity: buffer.count)
      attributes(&writer)
      overflowed = writer.overflowed
      count = Int(unsafe message.pointee.nlmsg_len)
    }
    return overflowed ? nil : bytes
  }

  /// What it tries, on what, for errors; read after "cannot". A link without a name is told by its number.
  func operation(linkName: String? = nil) -> String {
    guard let link else { return verb }
    return "\(verb) link " + (linkName.map { "\"\($0)\"" } ?? "\(link)")
  }

  /// The number that replies to this request carry.
  var sequence: UInt32 {
    get { bytes[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    set { for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: newValue >> UInt32(8 * index)) } }
  }
}
