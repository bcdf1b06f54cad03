// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import Testing

@Suite struct `Timers, signals and polling` {
  @Test func `a timer wakes the poller and counts its expirations`() throws {
    let timer = try Timer(every: .milliseconds(1))
    let ready = try Poller([timer.borrowed]).wait(timeout: .seconds(5))
    #expect(ready == [timer.borrowed])
    #expect(try timer.expirations() >= 1)
  }

  @Test func `a timer that has not expired counts nothing`() throws {
    let timer = try Timer(every: .seconds(3600))
    #expect(try timer.expirations() == 0)
    #expect(try Poller([timer.borrowed]).wait(timeout: .zero).isEmpty)
  }

  @Test func `only the descriptors that can be read are named`() throws {
    let idle = try Timer(every: .seconds(3600))
    let busy = try Timer(every: .milliseconds(1))
    let ready = try Poller([idle.borrowed, busy.borrowed]).wait(timeout: .seconds(5))
    #expect(ready == [busy.borrowed])
  }

  @Test func `a poll without anything to report ends at its timeout`() throws {
    let start = ContinuousClock.now
    #expect(try Poller([]).wait(timeout: .milliseconds(20)).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(20))
  }

  @Test func `a blocked signal is read, not delivered`() throws {
    try OwnThread.run {
      let signals = try SignalDescriptor([.user1])
      #expect(try signals.next() == nil)
      pthread_kill(pthread_self(), Signal.user1.rawValue)
      #expect(try Poller([signals.borrowed]).wait(timeout: .seconds(5)) == [signals.borrowed])
      #expect(try signals.next() == .user1)
      #expect(try signals.next() == nil)
    }
  }
}
