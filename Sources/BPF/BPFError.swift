// SPDX-License-Identifier: MIT
public import SystemPackage

/// What the kernel refused, and what can be done about it.
public struct BPFError: Error, Equatable, Sendable {
  /// What was tried and on what, as in "updating map flows".
  public var operation: String
  public var errno: Errno
  /// What the user can do, if that is known.
  public var hint: String?

  /// `hint` says what to do about it; by default what usually helps against `errno`.
  public init(_ operation: String, _ errno: Errno, hint: String? = nil) {
    self.operation = operation
    self.errno = errno
    self.hint = hint ?? Self.usualHint(errno)
  }

  private static func usualHint(_ errno: Errno) -> String? {
    switch errno {
    case .notPermitted, .permissionDenied:
      "run as root, or with the capabilities CAP_BPF and CAP_NET_ADMIN (CAP_SYS_ADMIN before Linux 5.8)"
    case .noMemory: "the kernel has too little memory for this, or the memory control group allows no more"
    case .noFunction: "this kernel was built without the bpf system call"
    default: nil
    }
  }
}

extension BPFError: CustomStringConvertible {
  public var description: String {
    let problem = "\(operation): \(errno.isNotSupported ? "not supported by this kernel" : errno.description)"
    return hint.map { "\(problem) (\($0))" } ?? problem
  }
}

extension Errno {
  /// Inside the kernel alone "not supported" is 524, `ENOTSUPP`, and the bpf system call lets it out.
  static let notSupportedInKernel = Errno(rawValue: 524)

  var isNotSupported: Bool { self == .notSupportedInKernel || self == .notSupported }
}

/// The value of a libbpf call, which is a negative error number when it failed.
@discardableResult
func checked(_ result: CInt, _ operation: @autoclosure () -> String) throws(BPFError) -> CInt {
  guard result < 0 else { return result }
  throw BPFError(operation(), Errno(rawValue: -result))
}
