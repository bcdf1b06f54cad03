// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Linux
public import SystemPackage

/// A program in the kernel, kept alive by its descriptor, by pins and by what it is attached to.
public struct Program: ~Copyable, Sendable {
  private let owner: OwnedDescriptor
  /// The entry function's name; of a pinned program, the part of it that the kernel keeps (15 bytes).
  public let name: String

  init(owning number: CInt, name: String) {
    owner = OwnedDescriptor(owning: FileDescriptor(rawValue: number))
    self.name = name
  }

  private init(owner: consuming OwnedDescriptor, name: String) {
    self.owner = owner
    self.name = name
  }

  /// On loan: valid while the program lives, and not to be closed.
  public var descriptor: FileDescriptor { owner.borrowed }

  /// The number that libbpf takes.
  var number: CInt { owner.rawValue }

  /// Opens the program pinned at `path` in a BPF file system.
  public static func openPinned(at path: String) throws(BPFError) -> Program {
    let owner = try openPin(.program, at: path)
    let name = try ProgramInfo(ofDescriptor: owner.rawValue).name
    return Program(owner: owner, name: name)
  }

  /// Opens the program with the number that `bpftool prog` shows.
  public static func open(id: UInt32) throws(BPFError) -> Program {
    let number = try checked(bpf_prog_get_fd_by_id(id), "opening program \(id)")
    let owner = OwnedDescriptor(owning: FileDescriptor(rawValue: number))
    return Program(owner: owner, name: try ProgramInfo(ofDescriptor: number).name)
  }

  /// Pins the program, which then outlives this process until the pin is removed.
  public func pin(at path: String) throws(BPFError) {
    try pinObject(number, at: path, what: "program \(name)")
  }

  /// What the kernel says about the program now.
  public func info() throws(BPFError) -> ProgramInfo {
    try ProgramInfo(ofDescriptor: number)
  }
}

/// What the kernel says about a program.
public struct ProgramInfo: Equatable, Sendable {
  /// As `bpftool prog` shows it.
  public var id: UInt32
  public var type: ProgramType
  public var name: String
  /// A hash of the instructions, in hexadecimal: equal for equal programs.
  public var tag: String
  /// Instructions that the verifier went through, over all paths; 0 before Linux 5.16. It allows a million.
  public var verifiedInstructions: UInt32
  /// Instructions after the verifier's rewriting, in words of 8 bytes. 0 if the caller may not see them.
  public var translatedInstructions: Int
  /// Bytes of machine code; 0 if the program is interpreted.
  public var machineCodeSize: Int

  init(ofDescriptor number: CInt) throws(BPFError) {
    var info = bpf_prog_info()
    try readInfo(number, into: &info, what: "a program")
    id = info.id
    type = ProgramType(rawValue: info.type)
    name = unsafe withUnsafeBytes(of: info.name) { unsafe String(kernelName: $0) }
    tag = unsafe withUnsafeBytes(of: info.tag) { unsafe $0.map(Self.hexadecimal).joined() }
    verifiedInstructions = info.verified_insns
    translatedInstructions = Int(info.xlated_prog_len) / 8
    machineCodeSize = Int(info.jited_prog_len)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
