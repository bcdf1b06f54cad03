// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

private struct Refusal: Error, Equatable {}

@Suite struct `Own threads, settings, capabilities, clock` {
  @Test func `a thread hands its result back`() throws {
    let here = pthread_self()
    let there = try OwnThread.run { pthread_self() }
    #expect(here != there)
  }

  @Test func `a thread hands its error back`() {
    #expect(throws: Refusal()) { try OwnThread.run { throw Refusal() } }
  }

  @Test func `a namespace that does not exist is named`() {
    let error = #expect(throws: LinuxError.self) { _ = try NetworkNamespace(path: "/run/netns/none") }
    #expect(error?.description == #"cannot open network namespace "/run/netns/none": No such file or directory"#)
  }

  @Test func `a setting that does not exist is named`() {
    let error = #expect(throws: LinuxError.self) { try Sysctl("net/none").write(1) }
    #expect(error?.description == "cannot set kernel setting net/none to 1: No such file or directory")
  }

  @Test func `a capability that is missing is named`() {
    // No kernel has capability 63 yet.
    let error = #expect(throws: LinuxError.self) {
      try Capability.require(Capability(rawValue: 63), for: "attach XDP to eth0")
    }
    #expect(error?.description.hasPrefix("cannot attach XDP to eth0: Operation not permitted (needs cap") == true)
  }

  @Test func `the coarse clock never runs ahead of the exact one`() {
    var exact = timespec()
    let coarse = MonotonicClock.coarseNanoseconds
    let seconds = MonotonicClock.coarseSeconds
    clock_gettime(CLOCK_MONOTONIC, &exact)
    #expect(coarse <= UInt64(exact.tv_sec) * 1_000_000_000 + UInt64(exact.tv_nsec))
    #expect(UInt64(exact.tv_sec) - UInt64(seconds) <= 1)
  }
}

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Network namespaces` {
  @Test func `settings belong to the namespace of the thread`() throws {
    let setting = Sysctl("net/ipv4/ip_forward")
    let outside = try setting.read()
    try withNetworkNamespace {
      try setting.write(1)
      #expect(try setting.read() == "1")
      try setting.write(0)
      #expect(try setting.read() == "0")
    }
    #expect(try setting.read() == outside)
  }

  @Test func `a namespace can be entered again by its descriptor`() throws {
    let setting = Sysctl("net/ipv4/ip_default_ttl")
    try withNetworkNamespace {
      try setting.write(77)
      let namespace = try NetworkNamespace.current()
      try withNetworkNamespace {
        #expect(try setting.read() != "77")
        let seen = try namespace.run { try setting.read() }
        #expect(seen == "77")
      }
    }
  }

  @Test func `a program started there runs there`() throws {
    let seen = try withNetworkNamespace {
      try Sysctl("net/ipv4/ip_default_ttl").write(77)
      return try run("cat", "/proc/sys/net/ipv4/ip_default_ttl")
    }
    #expect(seen == "77\n")
  }
}
