// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage

/// A socket that listens at a path, with an owner and permission bits.
enum ListeningSocket {
  /// Listens at `path`; what a process that died has left there is replaced.
  ///
  /// - Returns: A descriptor that is the caller's to close.
  static func open(at path: FilePath, _ permissions: ControlServer.Permissions) throws -> FileDescriptor {
    let group = try permissions.group.map(number(ofGroup:))
    try removeStale(path)
    let socket = try UnixSocket()
    try socket.bind(to: path)
    do throws(LinuxError) {
      // The group first: the bits are never true for another one.
      if let group { _ = try attempt("give \(path) to its group") { unsafe lchown(path.string, .max, group) } }
      _ = try attempt("set the mode of \(path)") { unsafe chmod(path.string, mode_t(permissions.mode)) }
      _ = try attempt("listen at \(path)") { listen(socket.borrowed.rawValue, 128) }
    } catch {
      _ = unsafe unlink(path.string)
      throw error
    }
    return socket.release()
  }

  private static func removeStale(_ path: FilePath) throws {
    var status = stat()
    guard unsafe lstat(path.string, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ControlError("\(path) is in the way: it is not a socket; move it")
    }
    do throws(LinuxError) {
      try UnixSocket().connect(to: path)
    } catch {
      guard error.errno == .connectionRefused else { throw error }
      _ = try attempt("replace \(path)") { unsafe unlink(path.string) }
      return
    }
    throw ControlError("another process listens at \(path)")
  }

  private static func number(ofGroup name: String) throws -> gid_t {
    var (entry, found) = unsafe (group(), UnsafeMutablePointer<group>?.none)
    var buffer = [CChar](repeating: 0, count: 65_536)
    guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
      throw ControlError("there is no group \(name): make it with groupadd(8), or name another one for the socket")
    }
    return unsafe entry.gr_gid
  }
}
