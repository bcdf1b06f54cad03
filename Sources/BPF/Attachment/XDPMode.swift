// SPDX-License-Identifier: MIT
internal import CLibbpf

/// Where an XDP program meets the packets.
public enum XDPMode: String, Hashable, Sendable {
  /// In the driver, before the kernel makes its own structures for the packet: the fast way.
  case native
  /// Behind the driver, on every device: slow, for devices without XDP.
  case generic

  /// The corresponding C constants are `XDP_FLAGS_DRV_MODE` and `XDP_FLAGS_SKB_MODE`.
  var flags: UInt32 {
    switch self {
    case .native: UInt32(XDP_FLAGS_DRV_MODE)
    case .generic: UInt32(XDP_FLAGS_SKB_MODE)
    }
  }
}

/// Which mode is wanted.
public enum XDPModeRequest: Hashable, Sendable {
  /// Native if the driver can, else generic.
  case automatic
  case only(XDPMode)
}

/// Why a program was not attached to a device.
public enum XDPError: Error, Equatable, Sendable {
  /// Another program is attached; it is left alone.
  case occupied(interface: String, by: XDPOccupant)
  /// The kernel refused for another reason.
  case refused(BPFError)
}

/// The XDP program that a device has.
public struct XDPOccupant: Equatable, Sendable {
  /// As `bpftool prog` shows it; nil if the kernel does not tell.
  public var programID: UInt32?
  /// At most 15 bytes; nil if the kernel does not tell.
  public var programName: String?
  /// nil if the kernel does not tell, or the program runs on the network card itself.
  public var mode: XDPMode?

  public init(programID: UInt32? = nil, programName: String? = nil, mode: XDPMode? = nil) {
    self.programID = programID
    self.programName = programName
    self.mode = mode
  }
}

extension XDPOccupant: CustomStringConvertible {
  public var description: String {
    let id = programID.map { " \($0)" } ?? ""
    let name = programName.flatMap { $0.isEmpty ? nil : " (\($0))" } ?? ""
    return "\(mode.map { "\($0.rawValue) " } ?? "")XDP program\(id)\(name)"
  }
}

extension XDPError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .occupied(let interface, let occupant):
      """
      \(interface) has another program attached: \(occupant). Stop the program that attached it, or detach it with \
      'ip link set dev \(interface) xdp off' ('bpftool link' shows whether a link holds it)
      """
    case .refused(let error): error.description
    }
  }
}
