// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Netlink
import TestSupport
import Wire

@testable import Probing

/// Runs `body` with Culvert's decapsulator on an interface of ``Scene``'s addresses, as `culvert real up` has it.
func withDecapsulator<Success>(
  on interface: InterfaceIndex, _ encapsulation: Encapsulation, _ body: (borrowing Decapsulator) throws -> Success
) throws -> Success {
  let directory = try TemporaryDirectory()
  let pins = PinDirectory(root: try BPFFileSystem.mount(at: directory.path), role: .real, interface: "eth0")
  defer { try? BPFFileSystem.unmount(at: directory.path) }
  let versions = [IPVersion.v4, .v6]
  let decapsulator = try Decapsulator(
    AllowList(
      endpoints: versions.map(Scene.server), directors: versions.map { IPPrefix(host: Scene.director($0)) },
      virtualAddresses: versions.map { IPPrefix(host: Scene.virtualAddress($0)) },
      port: encapsulation.isOverUDP ? OuterHeader.defaultPort : nil))
  _ = try decapsulator.attach(to: interface.rawValue, pins: pins)
  defer { try? pins.detach() }
  return try body(decapsulator)
}
