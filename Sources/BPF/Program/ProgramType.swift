// SPDX-License-Identifier: MIT
internal import CLibbpf

/// Where a program runs, and so what it may do. The kernel adds kinds, so this is not a closed set.
public struct ProgramType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// In the network driver, before the kernel's own stack. The corresponding C constant is `BPF_PROG_TYPE_XDP`.
  public static let xdp = ProgramType(rawValue: BPF_PROG_TYPE_XDP.rawValue)
  /// In traffic control. The corresponding C constant is `BPF_PROG_TYPE_SCHED_CLS`.
  public static let trafficControl = ProgramType(rawValue: BPF_PROG_TYPE_SCHED_CLS.rawValue)
  /// On the packets of a socket. The corresponding C constant is `BPF_PROG_TYPE_SOCKET_FILTER`.
  public static let socketFilter = ProgramType(rawValue: BPF_PROG_TYPE_SOCKET_FILTER.rawValue)
}

/// What a program is going to be attached to, where its type leaves that open.
public struct AttachType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// What kernels assume that are told nothing.
  public static let unspecified = AttachType(rawValue: 0)
  /// A network device. The corresponding C constant is `BPF_XDP`.
  public static let xdp = AttachType(rawValue: BPF_XDP.rawValue)
  /// The corresponding C constant is `BPF_XDP_DEVMAP`.
  public static let xdpDeviceMap = AttachType(rawValue: BPF_XDP_DEVMAP.rawValue)
}
