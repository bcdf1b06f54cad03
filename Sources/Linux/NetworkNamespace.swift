// SPDX-License-Identifier: MIT
import CLinux
import Glibc
public import SystemPackage

/// A network namespace, kept alive by the descriptor held here.
public struct NetworkNamespace: ~Copyable, Sendable {
  private let descriptor: OwnedDescriptor
  private let name: String

  /// Opens the namespace at `path`, such as `/run/netns/NAME` where `ip netns add NAME` puts it.
  public init(path: String) throws(LinuxError) {
    let opened = try attempting("open network namespace \"\(path)\"") {
      try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    }
    descriptor = OwnedDescriptor(owning: opened)
    name = path
  }

  /// Opens the namespace that process `process` lives in.
  public init(process: CInt) throws(LinuxError) {
    try self.init(path: "/proc/\(process)/ns/net")
  }

  /// The namespace of the calling thread.
  public static func current() throws(LinuxError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// The descriptor that stands for the namespace, on loan: for ``VethPeer`` and other users of `IFLA_NET_NS_FD`.
  public var borrowed: FileDescriptor { descriptor.borrowed }

  /// Moves the calling thread, and no other, into this namespace. Sockets that it opens from then on stay there.
  ///
  /// Only on a thread you own: on a thread of the cooperative pool it would move strangers' work as well.
  public borrowing func enter() throws(LinuxError) {
    try Self.enter(descriptor.rawValue, name: name)
  }

  /// Runs `body` in this namespace, on a thread of its own, and hands its result or error back.
  public borrowing func run<Success>(_ body: () throws -> Success) throws -> Success {
    let descriptor = descriptor.rawValue
    let name = name
    return try OwnThread.run {
      try Self.enter(descriptor, name: name)
      return try body()
    }
  }

  /// Runs `body` in a new, empty namespace, on a thread of its own, and hands its result or error back.
  ///
  /// The namespace goes with the thread, unless somebody else keeps a descriptor of it.
  public static func runInFresh<Success>(_ body: () throws -> Success) throws -> Success {
    try OwnThread.run {
      try privileged { () throws(LinuxError) in
        try attempt("make a network namespace") { linux_unshare_network() }
      }
      return try body()
    }
  }

  private static func enter(_ descriptor: CInt, name: String) throws(LinuxError) {
    try privileged { () throws(LinuxError) in
      try attempt("enter network namespace \"\(name)\"") { linux_enter_network(descriptor) }
    }
  }

  /// Adds to a refusal which capability it asks for.
  private static func privileged(_ call: () throws(LinuxError) -> CInt) throws(LinuxError) {
    do throws(LinuxError) {
      _ = try call()
    } catch {
      throw error.errno == .notPermitted ? error.advised(Capability.sysAdmin.advice) : error
    }
  }
}
