// SPDX-License-Identifier: MIT
import CKernel
import DataPlane
import Wire

/// Ends directors' tunnels: attached on a real server where the encapsulated packets arrive.
@c @section("xdp.decapsulate") @used
func culvert_decapsulate(_ context: UnsafePointer<xdp_md>) -> Int32 {
  var environment = KernelDecapsulationEnvironment(context: context)
  return decapsulate(&environment).isDrop ? XDPAction.drop : XDPAction.pass
}

/// Lets every frame pass: a veth device hands on what its peer transmits from XDP only where it has a program itself.
@c @section("xdp.pass") @used
func culvert_pass(_ context: UnsafePointer<xdp_md>) -> Int32 {
  XDPAction.pass
}

/// The decapsulator's surroundings inside the kernel.
struct KernelDecapsulationEnvironment: DecapsulationEnvironment {
  let context: UnsafePointer<xdp_md>

  var packet: PacketBytes {
    @inline(__always) get { PacketBytes(start: xdp_data(context), end: xdp_data_end(context)) }
  }

  @inline(__always)
  mutating func shrinkHead(by count: Int) -> Bool {
    bpf_xdp_adjust_head(context, Int32(truncatingIfNeeded: count)) == 0
  }

  var settings: DecapsulationSettings {
    @inline(__always) get {
      let row: UnsafeMutablePointer<DecapsulationSettings>? = lookup(0 as UInt32, in: tunnel_settings_map())
      return row?.pointee ?? .none
    }
  }

  @inline(__always)
  func role(of prefix: PrefixKey) -> AddressRole? {
    let role: UnsafeMutablePointer<AddressRole>? = lookup(prefix, in: addresses_map())
    return role?.pointee
  }

  @inline(__always)
  mutating func count(_ verdict: DecapsulationVerdict) {
    let counter: UnsafeMutablePointer<UInt64>? = lookup(UInt32(verdict.rawValue), in: decapsulated_map())
    counter?.pointee &+= 1
  }
}
