// SPDX-License-Identifier: MIT
import BPF
import Foundation

/// What the live tests need from the machine.
enum LiveKernel {
  static let reason = "needs root and a kernel with BPF"

  /// Whether this process may load programs.
  static let loadsPrograms: Bool = (try? Program.load(.passing)) != nil

  static let namespacesReason = "needs root, a kernel with BPF, and the ip command"

  /// Whether this process may also make network namespaces with devices.
  static let makesNamespaces: Bool =
    loadsPrograms && (try? inNewNetworkNamespace { shell("ip link show lo > /dev/null") == 0 }) == true
}

extension ProgramSpec {
  /// `r0 = verdict; exit`
  static func returning(_ verdict: UInt32, name: String = "verdict") -> ProgramSpec {
    ProgramSpec(name: name, section: "xdp", instructions: [0xb7 | UInt64(verdict) << 32, 0x95])
  }

  /// Lets every packet pass.
  static var passing: ProgramSpec { returning(2, name: "passing") }
}

struct NamespaceFailure: Error {}

/// What a thread leaves: written before its semaphore is signalled, read after that was waited for.
private final class Outcome<T>: @unchecked Sendable {
  var result: Result<T, any Error> = .failure(NamespaceFailure())
}

/// Runs `body` on a thread of its own in a network namespace of its own, which goes when the thread ends.
func inNewNetworkNamespace<T: Sendable>(_ body: @escaping @Sendable () throws -> T) throws -> T {
  let outcome = Outcome<T>()
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    outcome.result = Result {
      guard unshareNetwork() else { throw NamespaceFailure() }
      return try body()
    }
    done.signal()
  }
  done.wait()
  return try outcome.result.get()
}

/// unshare(CLONE_NEWNET), which Glibc's module does not show.
private func unshareNetwork() -> Bool {
  guard let symbol = dlsym(nil, "unshare") else { return false }
  return unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)(0x4000_0000) == 0
}

/// Runs a command in the calling thread's namespace.
@discardableResult
func shell(_ command: String) -> CInt {
  system(command)
}

/// Runs `body` in a namespace with the devices v0 and v1, connected to each other and up; `body` gets v0's index.
func withDevicePair<T: Sendable>(_ body: @escaping @Sendable (UInt32) throws -> T) throws -> T {
  try inNewNetworkNamespace {
    let commands = "ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up"
    guard shell(commands) == 0 else { throw NamespaceFailure() }
    return try body(if_nametoindex("v0"))
  }
}

/// Runs `body` with a BPF file system mounted for it.
func withBPFFileSystem<T>(_ body: (BPFFileSystem) throws -> T) throws -> T {
  try inTemporaryDirectory { directory in
    let files = try BPFFileSystem.mount(at: directory)
    defer { try? BPFFileSystem.unmount(at: directory) }
    return try body(files)
  }
}
