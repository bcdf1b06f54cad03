// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Testing

struct `Signals that are held` {
  @Test func `wait, and can be seen waiting`() throws {
    // Reads the signal before it has its usual effect, which would end the tests.
    let signals = try SignalDescriptor([.user1])
    let held = try HeldSignals([.user1])
    let before = held.isAnyPending
    raise(SIGUSR1)
    let waiting = held.isAnyPending
    let read = try signals.next()
    #expect(!before && waiting && read == .user1)
  }
}
