// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

/// XDP programs on network devices, which are named by their index in the caller's network namespace.
public enum XDP {
  /// A program attached to a device.
  public struct Attachment: ~Copyable, Sendable {
    /// Keeps the program attached.
    public let link: Link
    public let mode: XDPMode
    /// Why the mode is not native, in the kernel's words where it has any; nil if it is, or was not tried.
    public let nativeRefusal: String?

    /// The link alone, for the caller to keep.
    public consuming func takeLink() -> Link { link }
  }

  /// Attaches `program` to the device with index `interface` by a link.
  public static func attach(
    _ program: borrowing Program, interface: UInt32, mode: XDPModeRequest = .automatic
  ) throws(XDPError) -> Attachment {
    switch mode {
    case .only(let mode):
      let number = attempt(program, interface: interface, mode: mode)
      guard number >= 0 else { throw explain(number, program, interface: interface, mode: mode) }
      return Attachment(link: Link(owning: number), mode: mode, nativeRefusal: nil)
    case .automatic: return try attachAutomatically(program, interface: interface)
    }
  }

  private static func attachAutomatically(
    _ program: borrowing Program, interface: UInt32
  ) throws(XDPError) -> Attachment {
    let native = attempt(program, interface: interface, mode: .native)
    guard native < 0 else { return Attachment(link: Link(owning: native), mode: .native, nativeRefusal: nil) }
    let refusal = explain(native, program, interface: interface, mode: .native)
    // Whom permission is missing for, or whose device is gone or taken, generic mode does not help either.
    guard case .refused(let error) = refusal, ![EPERM, ENODEV].contains(error.errno.rawValue) else { throw refusal }
    let generic = attempt(program, interface: interface, mode: .generic)
    guard generic >= 0 else { throw explain(generic, program, interface: interface, mode: .generic) }
    return Attachment(
      link: Link(owning: generic), mode: .generic, nativeRefusal: error.hint ?? error.errno.description)
  }

  /// The program that the device has; nil if it has none.
  public static func query(interface: UInt32) throws(BPFError) -> XDPOccupant? {
    var options = bpf_xdp_query_opts()
    let result = unsafe culvert_xdp_query(CInt(bitPattern: interface), &options)
    try checked(result, "asking for the XDP program of \(describe(interface))")
    let modes: [(XDPMode, UInt32)] = [(.native, options.drv_prog_id), (.generic, options.skb_prog_id)]
    let mode = modes.first { $0.1 != 0 }
    let id = mode?.1 ?? options.prog_id
    guard id != 0 else { return nil }
    return XDPOccupant(programID: id, programName: programName(id: id), mode: mode?.0)
  }

  private static func programName(id: UInt32) -> String? {
    guard let program = try? Program.open(id: id) else { return nil }
    return program.name
  }

  /// - Returns: a link's descriptor, or a negative error number.
  private static func attempt(_ program: borrowing Program, interface: UInt32, mode: XDPMode) -> CInt {
    var options = unsafe bpf_link_create_opts()
    unsafe options.sz = MemoryLayout<bpf_link_create_opts>.size
    unsafe options.flags = mode.flags
    return unsafe bpf_link_create(program.number, CInt(bitPattern: interface), BPF_XDP, &options)
  }

  private static func explain(
    _ result: CInt, _ program: borrowing Program, interface: UInt32, mode: XDPMode
  ) -> XDPError {
    let operation = "attaching \(program.name) to \(describe(interface)) in \(mode.rawValue) mode"
    // The system call says no more than EINVAL.
    guard let device = name(of: interface) else {
      let hint = "there is no such device in this network namespace"
      return .refused(BPFError(operation, Errno(rawValue: ENODEV), hint: hint))
    }
    // EEXIST: a program in the other mode.
    if [EBUSY, EEXIST].contains(-result) {
      return .occupied(interface: device, by: (try? query(interface: interface)) ?? XDPOccupant())
    }
    return .refused(
      BPFError(
        operation, Errno(rawValue: -result),
        hint: kernelMessage(result, program, interface: interface, mode: mode)))
  }

  /// The kernel's reason. It gives the system call a number alone and netlink a text, so netlink is asked to do the same.
  private static func kernelMessage(
    _ result: CInt, _ program: borrowing Program, interface: UInt32, mode: XDPMode
  ) -> String? {
    guard result != -EPERM else { return nil }
    let text = unsafe String(cString: culvert_xdp_refusal(CInt(bitPattern: interface), program.number, mode.flags))
    guard text.isEmpty else { return text }
    return -result == EOPNOTSUPP ? "the device's driver has no XDP" : nil
  }

  private static func describe(_ interface: UInt32) -> String {
    name(of: interface) ?? "interface \(interface)"
  }

  private static func name(of interface: UInt32) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      guard let address = buffer.baseAddress, let name = unsafe if_indextoname(interface, address) else {
        return nil
      }
      return unsafe String(cString: name)
    }
  }
}
