// SPDX-License-Identifier: MIT
public import BPF

/// How a program came to an interface.
public struct AttachmentReport: Hashable, Sendable {
  /// Where in the kernel the program meets the packets; nil if the kernel does not tell.
  public let mode: XDPMode?
  /// Why the mode is not native; nil where it is, or where another run attached the program.
  public let nativeRefusal: String?
  /// Whether it took the place of a program that an earlier run had left there, without a gap.
  public let replaced: Bool
}

extension PinDirectory {
  private static var linkName: String { "link" }

  /// The pinned link, if its interface is still `interface`.
  private func link(to interface: UInt32) -> Link? {
    guard let link = try? Link.openPinned(at: "\(path)/\(Self.linkName)"),
      let info = try? link.info(), info.interface == interface
    else { return nil }
    return link
  }

  /// Puts `program` on `interface` and keeps it there, with all that `pinMaps` pins; where an earlier run left a program
  /// on it, atomically in its place.
  func attach(
    _ program: borrowing Program, to interface: UInt32, pinMaps: (String) throws(BPFError) -> Void
  ) throws -> AttachmentReport {
    try detach(unfinishedPath)
    try removeUnfinished()
    if let link = link(to: interface) {
      try link.updateProgram(program)
      try keep(link, pinMaps)
      return AttachmentReport(mode: try XDP.query(interface: interface)?.mode, nativeRefusal: nil, replaced: true)
    }
    let attachment = try XDP.attach(program, interface: interface)
    let (mode, refusal) = (attachment.mode, attachment.nativeRefusal)
    try keep(attachment.takeLink(), pinMaps)
    return AttachmentReport(mode: mode, nativeRefusal: refusal, replaced: false)
  }

  private func keep(_ link: borrowing Link, _ pinMaps: (String) throws(BPFError) -> Void) throws(BPFError) {
    try publish { (directory) throws(BPFError) in
      try pinMaps(directory)
      try link.pin(at: "\(directory)/\(Self.linkName)")
    }
  }

  /// Takes the program off its interface, and lets go of all that is kept.
  public func detach() throws(BPFError) {
    for path in [path, unfinishedPath] { try detach(path) }
    try remove()
  }

  private func detach(_ path: String) throws(BPFError) {
    if let link = try? Link.openPinned(at: "\(path)/\(Self.linkName)") { try link.detach() }
  }
}
