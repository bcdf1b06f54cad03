// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

@testable import Linux

@Suite struct `Programs of the system` {
  @Test func `are run to their end, and what they say is heard`() throws {
    let ending = try ExternalProgram("sh").run(["-c", "echo out; echo err >&2; exit 3"])
    #expect(ending == .init(status: 3, output: "out\nerr\n"))
  }

  @Test func `may say more than a pipe holds`() throws {
    let ending = try ExternalProgram("sh").run(["-c", "head -c 300000 /dev/zero | tr '\\0' x"])
    #expect(ending.output.count == 300_000)
  }

  @Test func `that a signal ends have a status of 128 and more`() throws {
    #expect(try ExternalProgram("sh").run(["-c", "kill -KILL $$"]).status == 128 + 9)
  }

  @Test func `that are not there are named`() {
    let error = #expect(throws: LinuxError.self) { try ExternalProgram("no-such-program").run([]) }
    #expect(error?.description == "cannot run no-such-program: No such file or directory")
  }
}

@Suite struct `Signals that wait` {
  @Test func `are seen, and take effect afterwards`() throws {
    // To the thread alone: the process goes on with the other tests.
    let seen = SignalHold.during { hold in
      #expect(hold.waiting == nil)
      pthread_kill(pthread_self(), SIGTERM)
      let waiting = hold.waiting
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, SIGTERM)
      var taken: CInt = 0
      sigwait(&set, &taken)
      return waiting
    }
    #expect(seen == .terminate)
  }
}
