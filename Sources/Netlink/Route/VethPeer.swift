// SPDX-License-Identifier: MIT
import CLinux
public import SystemPackage

/// The other end of a veth pair, to be made together with the first.
public struct VethPeer: Hashable, Sendable {
  public var name: String
  /// Where the other end shall be; by default beside the first.
  public var namespace: Namespace

  /// How a network namespace is named to the kernel.
  public enum Namespace: Hashable, Sendable {
    /// That of the connection.
    case same
    /// The one behind a descriptor, such as `NetworkNamespace.borrowed`.
    case descriptor(FileDescriptor)
    /// The one that a process lives in.
    case process(CInt)
  }

  public init(name: String, namespace: Namespace = .same) {
    self.name = name
    self.namespace = namespace
  }

  /// The data of a veth is one attribute that holds a whole link message for the peer.
  func write(to info: inout AttributeWriter<LinkInfoAttribute>) {
    let emptyLinkHeader = [UInt8](repeating: 0, count: MemoryLayout<ifinfomsg>.size)
    info.nest(.data, VethAttribute.self) { data in
      data.nest(.peer, prefix: emptyLinkHeader, LinkAttribute.self) { peer in
        peer.put(.name, name)
        switch namespace {
        case .same: break
        case .descriptor(let descriptor): peer.put(.namespaceDescriptor, UInt32(bitPattern: descriptor.rawValue))
        case .process(let process): peer.put(.namespaceProcess, UInt32(bitPattern: process))
        }
      }
    }
  }
}

/// The attributes of a veth link.
private struct VethAttribute: AttributeScope {
  let rawValue: UInt16

  /// The corresponding C constant is `VETH_INFO_PEER`.
  static let peer = Self(rawValue: UInt16(VETH_INFO_PEER))
}
