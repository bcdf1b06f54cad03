// SPDX-License-Identifier: MIT
import SystemPackage

/// Asks the kernel about ports of Foo over UDP, and opens and closes them.
///
/// It speaks for the network namespace of the thread that opened it. Use it from one thread at a time.
public final class FOUConnection {
  private let connection: NetlinkConnection
  private let family: GenericFamily

  /// Opens a connection to the network namespace of the calling thread; `nil` if the kernel has no such driver, or did
  /// not load it: unlike those of links, it does not come by itself.
  public init?() throws(NetlinkError) {
    connection = try NetlinkConnection(.generic)
    do throws(NetlinkError) {
      let families = try connection.collect(.family(named: "fou")) { message throws(MalformedMessage) in
        try GenericFamily(message)
      }
      guard let family = families.first else { return nil }
      self.family = family
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// All ports, opened by anybody. Needs no privilege.
  public func ports() throws(NetlinkError) -> [FOUPort] {
    try connection.collect(family.ports()) { message throws(MalformedMessage) in try FOUPort(message) }
  }

  /// Opens a port; refused with `.addressInUse` if any program has it.
  public func addPort(_ port: FOUPort) throws(NetlinkError) {
    try connection.transact(family.addPort(port))
  }

  /// Closes a port; refused if it is not open.
  public func deletePort(_ port: FOUPort) throws(NetlinkError) {
    try connection.transact(family.deletePort(port))
  }
}
