// SPDX-License-Identifier: MIT
import CLinux
import Glibc
import SystemPackage

/// What an interface's driver can do by itself, as ethtool(8) lists it.
public struct InterfaceFeature: Hashable, Sendable {
  public var isOn: Bool
  /// Whether anybody may switch it; the kernel takes features away that do not go with others.
  public var isChangeable: Bool

  /// The feature called `name`, such as `tx-checksum-ip-generic`, of an interface of the calling thread's network
  /// namespace.
  ///
  /// - Returns: nil where the kernel does not know it, or the interface tells nothing of the kind.
  public static func named(_ name: String, on interface: String) throws(LinuxError) -> InterfaceFeature? {
    let operation = "read the feature \(name) of \(interface)"
    let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let socket = OwnedDescriptor(
      owning: FileDescriptor(rawValue: try attempt(operation) { Glibc.socket(AF_INET, type, 0) }))
    var (isOn, isChangeable): (CInt, CInt) = (0, 0)
    do throws(LinuxError) {
      _ = try attempt(operation) {
        unsafe linux_ethtool_feature(socket.rawValue, interface, name, &isOn, &isChangeable)
      }
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notSupported { return nil }
      throw error
    }
    return InterfaceFeature(isOn: isOn != 0, isChangeable: isChangeable != 0)
  }
}
