// SPDX-License-Identifier: MIT
public import BPF
import KernelEngine
public import Netlink

/// Hands frames to an interface's receive path, as if they had come in by the wire.
///
/// The XDP program in the interface's driver, such as Culvert's decapsulator, meets them first; without one, a program that
/// passes everything stands in. A generic XDP program, firewalls, tunnels and the IP stack see them as they see any other.
/// What they do not see is the hardware: no checksum is verified by it, and no frame is too long for it.
public struct Injection: ~Copyable {
  private let interface: InterfaceIndex
  private let program: Program

  /// Prepares for an interface of the calling thread's network namespace. Needs Linux 5.18 and root.
  ///
  /// - Throws: `BPFError` or `LoadError` where the kernel does not let us have a program.
  public init(into interface: InterfaceIndex) throws {
    self.interface = interface
    if let occupant = try XDP.query(interface: interface.rawValue), occupant.mode == .native,
      let id = occupant.programID
    {
      program = try Program.open(id: id)
    } else {
      program = try PassProgram.load()
    }
  }

  /// Has the interface receive `frame`: from an Ethernet header on, at most about 3,300 bytes.
  ///
  /// When this returns the host has dealt with it, on this thread, as far as it does not put work off.
  public func inject(_ frame: [UInt8]) throws(BPFError) {
    try unsafe program.receive(frame.span.bytes, on: interface.rawValue)
  }
}
