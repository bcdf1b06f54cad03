// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import BPF

@Suite(.enabled(if: LiveKernel.makesNamespaces, Comment(rawValue: LiveKernel.namespacesReason)))
struct LinkTests {
  @Test func `A device with XDP gets the program in its driver`() throws {
    let (mode, refusal, attached, expected, occupant) = try withDevicePair { interface in
      let program = try Program.load(.passing)
      let attachment = try XDP.attach(program, interface: interface)
      let info = try attachment.link.info()
      return (
        attachment.mode, attachment.nativeRefusal, info,
        LinkInfo(id: info.id, programID: try program.info().id, interface: interface),
        try XDP.query(interface: interface)
      )
    }
    #expect(mode == .native)
    #expect(refusal == nil)
    #expect(attached == expected)
    #expect(occupant == XDPOccupant(programID: expected.programID, programName: "passing", mode: .native))
  }

  @Test func `A device whose driver refuses gets it behind the driver, with the kernel's reason`() throws {
    let (mode, refusal, occupant) = try withDevicePair { interface in
      shell("ip link set v0 mtu 9000 && ip link set v1 mtu 9000")
      let attachment = try XDP.attach(try Program.load(.passing), interface: interface)
      return (attachment.mode, attachment.nativeRefusal, try XDP.query(interface: interface))
    }
    #expect(mode == .generic)
    #expect(refusal?.contains("MTU") == true)
    #expect(occupant?.mode == .generic)
  }

  @Test func `Native mode alone is refused where there is none`() throws {
    let error = try withDevicePair { interface in
      shell("ip link set v0 mtu 9000 && ip link set v1 mtu 9000")
      return #expect(throws: XDPError.self) {
        _ = try XDP.attach(try Program.load(.passing), interface: interface, mode: .only(.native)).mode
      }
    }
    guard case .refused(let refusal) = error else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
    #expect(refusal.operation == "attaching passing to v0 in native mode")
  }

  @Test(arguments: [XDPMode.native, .generic]) func `A device that is taken says by whom`(mode: XDPMode) throws {
    let (text, id) = try withDevicePair { interface in
      let first = try Program.load(.returning(2, name: "firewall"))
      let attachment = try XDP.attach(first, interface: interface, mode: .only(mode))
      let second = try Program.load(.passing)
      do {
        _ = try XDP.attach(second, interface: interface).mode
        return ("", UInt32(0))
      } catch {
        return ("\(error)", try attachment.link.info().programID)
      }
    }
    #expect(text.hasPrefix("v0 has another program attached: \(mode.rawValue) XDP program \(id) (firewall)."))
  }

  @Test func `A device that is not there is named`() throws {
    let error = try inNewNetworkNamespace {
      #expect(throws: XDPError.self) { _ = try XDP.attach(try Program.load(.passing), interface: 4711).mode }
    }
    #expect(error.map { "\($0)" }?.contains("interface 4711") == true)
    #expect(error.map { "\($0)" }?.contains("there is no such device") == true)
  }

  @Test func `A program is replaced without being detached`() throws {
    let (before, after, expected, stale) = try withDevicePair { interface in
      let first = try Program.load(.passing)
      let second = try Program.load(.returning(1, name: "second"))
      let link = try XDP.attach(first, interface: interface).takeLink()
      let before = try link.info().programID
      try link.updateProgram(second, replacing: first)
      let stale = #expect(throws: BPFError.self) { try link.updateProgram(second, replacing: first) }
      let after = try link.info().programID
      try link.updateProgram(first)
      return (before, after, [try first.info().id, try second.info().id], stale)
    }
    #expect([before, after] == expected)
    #expect(stale?.hint?.contains("another program has taken its place") == true)
  }

  @Test func `A link ends with its owner, and a pinned one stays until its pin goes`() throws {
    let states = try withDevicePair { interface in
      func isAttached() throws -> Bool { try XDP.query(interface: interface) != nil }
      var states: [Bool] = []
      do { _ = try XDP.attach(try Program.load(.passing), interface: interface).mode }
      states.append(try isAttached())
      try withBPFFileSystem { files in
        do { try XDP.attach(try Program.load(.passing), interface: interface).link.pin(at: files.path(of: "link")) }
        states.append(try isAttached())
        let link = try Link.openPinned(at: files.path(of: "link"))
        try link.detach()
        states.append(try isAttached())
        states.append(try link.info().interface != nil)
      }
      return states
    }
    #expect(states == [false, true, false, false])
  }
}
