// SPDX-License-Identifier: MIT
import Linux
public import SystemPackage

/// A request that the kernel refused, with its own words where it gave some.
public struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, on what, to be read after "cannot", such as `add link "tun0" of kind ipip`.
  public var operation: String
  /// What the kernel answered.
  public var errno: Errno
  /// The kernel's extended acknowledgement, such as `Unknown device type`.
  public var kernelMessage: String?
  /// Where in the request, counted in bytes from its start, the kernel saw the fault.
  public var offset: Int?
  /// What to do about it, where that is known.
  public var advice: String?

  public init(
    operation: String, errno: Errno, kernelMessage: String? = nil, offset: Int? = nil, advice: String? = nil
  ) {
    self.operation = operation
    self.errno = errno
    self.kernelMessage = kernelMessage
    self.offset = offset
    self.advice = advice ?? (errno == .notPermitted ? Capability.netAdmin.advice : nil)
  }

  public var description: String {
    "cannot \(operation): \(errno)" + (kernelMessage.map { ": \($0)" } ?? "") + (advice.map { " (\($0))" } ?? "")
  }
}

/// Bytes from the kernel that do not follow the format, and why not.
struct MalformedMessage: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
