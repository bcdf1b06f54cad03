// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import Linux
public import SystemPackage

/// What keeps a program attached: it stays until the last descriptor of the link is closed and its last pin removed.
public struct Link: ~Copyable, Sendable {
  private let owner: OwnedDescriptor

  init(owning number: CInt) {
    owner = OwnedDescriptor(owning: FileDescriptor(rawValue: number))
  }

  private init(owner: consuming OwnedDescriptor) {
    self.owner = owner
  }

  /// On loan: valid while the link lives, and not to be closed.
  public var descriptor: FileDescriptor { owner.borrowed }

  /// Opens the link pinned at `path` in a BPF file system.
  public static func openPinned(at path: String) throws(BPFError) -> Link {
    Link(owner: try openPin(.link, at: path))
  }

  /// Pins the link: its program then stays attached when this process ends, until the pin is removed.
  public func pin(at path: String) throws(BPFError) {
    try pinObject(owner.rawValue, at: path, what: "a link")
  }

  /// Puts `program` in the place of the attached one. Each packet meets the one or the other.
  public func updateProgram(_ program: borrowing Program) throws(BPFError) {
    try checked(
      bpf_link_update(owner.rawValue, program.number, nil), "replacing an attached program by \(program.name)")
  }

  /// Puts `program` in the place of `expected`, and fails if another program is attached by now.
  public func updateProgram(_ program: borrowing Program, replacing expected: borrowing Program) throws(BPFError) {
    var options = bpf_link_update_opts()
    options.sz = MemoryLayout<bpf_link_update_opts>.size
    options.flags = UInt32(BPF_F_REPLACE)
    options.old_prog_fd = UInt32(bitPattern: expected.number)
    let result = unsafe bpf_link_update(owner.rawValue, program.number, &options)
    guard result < 0 else { return }
    // XDP says EPERM here for "not the program you expect".
    let hint = result == -EPERM ? "another program has taken its place meanwhile, or permission is missing" : nil
    throw BPFError("replacing \(expected.name) by \(program.name)", Errno(rawValue: -result), hint: hint)
  }

  /// Detaches the program now, whoever else holds the link or has pinned it. The link stays, attached to nothing.
  public func detach() throws(BPFError) {
    try checked(bpf_link_detach(owner.rawValue), "detaching a link")
  }

  /// What the kernel says about the link now.
  public func info() throws(BPFError) -> LinkInfo {
    var info = bpf_link_info()
    try readInfo(owner.rawValue, into: &info, what: "a link")
    let isXDP = info.type == BPF_LINK_TYPE_XDP.rawValue
    let interface = isXDP ? info.xdp.ifindex : 0
    return LinkInfo(
      id: info.id, programID: info.prog_id, interface: interface == 0 ? nil : interface)
  }
}

/// What the kernel says about a link.
public struct LinkInfo: Equatable, Sendable {
  /// As `bpftool link` shows it.
  public var id: UInt32
  public var programID: UInt32
  /// The index of the network device that an XDP link is attached to; nil once it is detached, or the device is gone.
  public var interface: UInt32?
}
