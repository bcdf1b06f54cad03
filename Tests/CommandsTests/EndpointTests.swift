// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import Commands

@Suite struct `An address with its port` {
  @Test(arguments: [
    ("192.0.2.1:80", "192.0.2.1:80"),
    ("255.255.255.255:65535", "255.255.255.255:65535"),
    ("[2001:db8::1]:80", "[2001:db8::1]:80"),
    ("[2001:DB8:0:0:0:0:0:1]:80", "[2001:db8::1]:80"),
    ("[::]:1", "[::]:1"),
  ])
  func `is read, and written in one way`(_ text: String, _ canonical: String) {
    #expect(Endpoint(argument: text)?.description == canonical)
  }

  @Test(arguments: [
    "", ":", ":80", "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+80",
    "192.0.2.1:080",
    "192.0.2.1: 80", "192.0.2.1:80 ", "192.0.2.1:http", "192.0.2:80", "192.0.2.256:80", "example.net:80",
    "2001:db8::1", "2001:db8::1:80", "[2001:db8::1]", "[2001:db8::1]80", "[2001:db8::1:80", "2001:db8::1]:80",
    "[192.0.2.1]:80", "[[2001:db8::1]]:80", "[]:80",
  ])
  func `is refused`(_ text: String) {
    #expect(Endpoint(argument: text) == nil)
  }
}
