// SPDX-License-Identifier: MIT
import CLinux
import Linux
import Wire

/// Why the kernel drops packets while something is tried, by its trace event `skb:kfree_skb`.
///
/// The event does not say which packet it is about, nor in which network namespace. Taken are drops of IP packets that
/// happen on the calling thread, as those of an injected frame do; where there are none, those of all threads. The first
/// one tells most: others may be about what the host answered.
public enum DropReasons: Hashable, Sendable {
  case seen([Drop])
  /// Why the kernel does not tell.
  case unavailable(String)

  /// The drops; none where the kernel does not tell.
  public var drops: [Drop] {
    guard case .seen(let drops) = self else { return [] }
    return drops
  }

  /// Runs `body`, and gives its result with what the kernel dropped meanwhile, oldest first.
  public static func watching<Success>(
    _ body: () throws -> Success
  ) throws -> (result: Success, reasons: DropReasons) {
    let trace: DropTrace
    do throws(LinuxError) {
      trace = try DropTrace()
    } catch {
      return (try body(), .unavailable("\(error)"))
    }
    let result = try body()
    do throws(LinuxError) {
      return (result, .seen(narrowed(try trace.drops(), to: Int(linux_thread_number()))))
    } catch {
      return (result, .unavailable("\(error)"))
    }
  }

  /// Those of `thread`; else those of all that have a reason: without one, they are anybody's.
  static func narrowed(_ drops: [Drop], to thread: Int) -> [Drop] {
    let own = drops.filter { $0.thread == thread }
    return own.isEmpty ? drops.filter { $0.reason != unspecified } : own
  }

  /// What the kernel says where nobody has given it a reason.
  private static let unspecified = "NOT_SPECIFIED"
}
