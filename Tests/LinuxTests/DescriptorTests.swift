// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import Testing

@Suite struct `Marks, messages, signals and polling` {
  @Test func `a mark wakes the poller until it is taken away`() throws {
    let event = try EventDescriptor()
    #expect(try Poller([event.borrowed]).wait(timeout: .zero).isEmpty)
    event.set()
    event.set()
    #expect(try Poller([event.borrowed]).wait(timeout: .seconds(5)) == [event.borrowed])
    event.clear()
    #expect(try Poller([event.borrowed]).wait(timeout: .zero).isEmpty)
    event.clear()
  }

  @Test func `messages of another thread come in their order, each once`() throws {
    let mailbox = try Mailbox<Int>()
    let thread = try RunningThread { for number in 0..<1000 { mailbox.post(number) } }
    var taken: [Int] = []
    while taken.count < 1000 {
      try #require(try Poller([mailbox.borrowed]).wait(timeout: .seconds(5)) == [mailbox.borrowed])
      taken += mailbox.take()
    }
    thread.join()
    #expect(taken == Array(0..<1000))
    #expect(mailbox.take().isEmpty)
  }

  @Test func `only the descriptors that can be read are named`() throws {
    let idle = try EventDescriptor()
    let busy = try EventDescriptor()
    busy.set()
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
