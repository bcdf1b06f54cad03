// SPDX-License-Identifier: MIT
import BPF
import Glibc
import KernelEngine
import Linux
import SystemPackage
import TestSupport
import Testing

/// Directors run as processes of their own: they take signals as their process does.
let canRunDirectors = canMakeNetworkNamespaces
let why: Comment = "needs CAP_SYS_ADMIN and CAP_NET_ADMIN, to make network namespaces"

/// The engines that this machine can run.
let engines = (try? KernelEngine()) == nil ? ["userspace"] : ["userspace", "kernel"]

/// A director and the router it hangs on, each in a fresh network namespace, with files of their own.
///
///     director 192.0.2.10 eth0 ---- peer0 192.0.2.1 router, by which 10.0.0.0/8 is reached
final class Lab {
  static let directorMAC = "02:00:00:00:00:10"
  static let routerMAC = "02:00:00:00:00:01"

  let router: NetworkNamespace
  let files: TemporaryDirectory
  var stateDirectory: String { files.path(of: "state") }
  var bpffs: String { files.path(of: "bpf") }

  /// Runs `body` in the director's namespace.
  static func run(_ body: (Lab) throws -> Void) throws {
    try withNetworkNamespace {
      let lab = try Lab(router: NetworkNamespace.current())
      try withNetworkNamespace {
        try lab.connect()
        try body(lab)
      }
    }
  }

  private init(router: consuming NetworkNamespace) throws {
    self.router = router
    files = try TemporaryDirectory()
    mkdir(files.path(of: "bpf"), 0o700)
    // Only the kernel engine needs it.
    _ = try? BPFFileSystem.mount(at: files.path(of: "bpf"))
  }

  deinit {
    try? BPFFileSystem.unmount(at: bpffs)
  }

  private func connect() throws {
    try ip(
      "link add eth0 address \(Self.directorMAC) type veth "
        + "peer name peer0 address \(Self.routerMAC) netns /proc/\(getpid())/fd/\(router.borrowed.rawValue)")
    try router.run {
      try ip("address add 192.0.2.1/24 dev peer0")
      try ip("link set peer0 up")
    }
    try ip("address add 192.0.2.10/24 dev eth0")
    try ip("link set eth0 up")
    try ip("route add 10.0.0.0/8 via 192.0.2.1")
  }

  /// Runs ip(8) in the calling thread's namespace.
  @discardableResult
  func ip(_ words: String) throws -> String {
    let process = try ChildProcess("ip", words.split(separator: " ").map(String.init))
    guard try process.end() == 0 else { throw CommandFailure(description: "ip \(words): \(process.errors)") }
    return process.output
  }
}
