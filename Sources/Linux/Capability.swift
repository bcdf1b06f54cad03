// SPDX-License-Identifier: MIT
import CLinux
import SystemPackage

/// A share of root's power, capabilities(7).
public struct Capability: RawRepresentable, Hashable, Sendable {
  /// The kernel's number, which is the bit in a set.
  public let rawValue: CInt

  public init(rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Links, addresses, routes, tunnels, XDP. The corresponding C constant is `CAP_NET_ADMIN`.
  public static var netAdmin: Self { Self(rawValue: CAP_NET_ADMIN) }
  /// Packet sockets. The corresponding C constant is `CAP_NET_RAW`.
  public static var netRaw: Self { Self(rawValue: CAP_NET_RAW) }
  /// BPF programs and maps. The corresponding C constant is `CAP_BPF`.
  public static var bpf: Self { Self(rawValue: CAP_BPF) }
  /// Namespaces and mounts. The corresponding C constant is `CAP_SYS_ADMIN`.
  public static var sysAdmin: Self { Self(rawValue: CAP_SYS_ADMIN) }

  /// The name that people and unit files use, such as `CAP_NET_ADMIN`.
  public var name: String {
    switch self {
    case .netAdmin: "CAP_NET_ADMIN"
    case .netRaw: "CAP_NET_RAW"
    case .bpf: "CAP_BPF"
    case .sysAdmin: "CAP_SYS_ADMIN"
    default: "capability \(rawValue)"
    }
  }

  /// What to tell somebody who lacks it.
  public var advice: String {
    "needs \(name): run as root, or give the service AmbientCapabilities=\(name)"
  }

  /// Whether the calling thread may use it now.
  public var isEffective: Bool {
    var effective: UInt64 = 0
    guard unsafe linux_effective_capabilities(&effective) == 0 else { return false }
    return effective >> UInt64(rawValue) & 1 == 1
  }

  /// Passes if the calling thread has all of `capabilities`.
  ///
  /// - Throws: ``LinuxError`` naming the first one missing. `operation` is read after "cannot".
  public static func require(_ capabilities: Capability..., for operation: String) throws(LinuxError) {
    guard let missing = capabilities.first(where: { !$0.isEffective }) else { return }
    throw LinuxError(operation: operation, errno: .notPermitted, advice: missing.advice)
  }
}
