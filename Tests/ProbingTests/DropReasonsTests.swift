// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Probing

struct DropReasonsTests {
  private func instances() throws -> [String] {
    let mount = try DetachedMount(type: "tracefs")
    return try FilePath.names(in: mount.path.appending("instances")).filter { $0.hasPrefix("culvert-") }
  }

  struct Interrupted: Error {}

  @Test(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
  func `leave nothing behind, also after an error`() throws {
    #expect(throws: Interrupted.self) { try DropReasons.watching { throw Interrupted() } }
    #expect(try !instances().contains(DropTrace.name))
  }

  @Test func `do not keep what is tried from being tried`() throws {
    let (result, _) = try DropReasons.watching { 7 }
    #expect(result == 7)
  }
}
