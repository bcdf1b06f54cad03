// SPDX-License-Identifier: MIT
import Glibc
import NIOCore

extension ControlPeer {
  /// `struct ucred` of unix(7), in its layout.
  private struct Credentials: BitwiseCopyable, Sendable {
    let process: Int32
    let user: UInt32
    let group: UInt32
  }

  /// Who has connected, as it was when it did.
  static func of(_ channel: any Channel) -> EventLoopFuture<ControlPeer> {
    guard let socket = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ControlError("a connection that is no socket"))
    }
    let credentials: EventLoopFuture<Credentials> = socket.unsafeGetSocketOption(
      level: .socket, name: .init(rawValue: SO_PEERCRED))
    return credentials.map { ControlPeer(user: $0.user) }
  }

  /// The user by its number.
  init(user: UInt32) {
    self.init(user: user, name: Self.name(of: user) ?? "\(user)")
  }

  private static func name(of user: UInt32) -> String? {
    var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
    var buffer = [CChar](repeating: 0, count: 4_096)
    guard unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil,
      let name = unsafe entry.pw_name
    else { return nil }
    return unsafe String(cString: name)
  }
}
