// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: canRunDirectors, why))
struct `Reading the configuration again` {
  @Test(arguments: engines)
  func `changes what is served`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      try lab.configure(engine: engine, ("port: 80", "port: 8080"), ("10.2.0.11", "10.2.0.12"))
      director.send(SIGHUP)
      _ = try director.line("reloaded", "services=2", "servers=2")
      let listing = try lab.culvert("list --interval 0").output
      #expect(listing.contains("203.0.113.80:8080 "))
      #expect(!listing.contains("203.0.113.80:80 "))
      #expect(listing.contains("b1 10.2.0.12 "))
      #expect(try director.stop() == 0)
      let remains = try lab.remains()
      #expect(remains == "")
    }
  }

  @Test(arguments: engines)
  func `keeps to the running one where the new one is bad`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      let tables = try lab.tables()
      try lab.configure(engine: engine, ("servers: [a1, b1]", "servers: [a1]"), ("port: 80", "prot: 80"))
      director.send(SIGHUP)
      let line = try director.line("the configuration was refused; the running one stays in force")
      #expect(line.contains("unknown key \"prot\""))
      let after = try lab.tables()
      #expect(after == tables)
      #expect(try director.stop() == 0)
    }
  }

  @Test(arguments: [
    ("interface: eth0", "interface: lo", "director.interface changed from eth0 to lo"),
    ("engine: userspace", "engine: kernel", "director.engine changed from userspace to kernel"),
    ("engine: userspace", "source: 192.0.2.20, engine: userspace", "director.source changed from none to 192.0.2.20"),
  ])
  func `cannot change what needs a restart`(_ old: String, _ new: String, _ reason: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: "userspace")
      let director = try lab.start()
      let tables = try lab.tables()
      try lab.configure(engine: "userspace", (old, new), ("servers: [a1, b1]", "servers: [a1]"))
      director.send(SIGHUP)
      let line = try director.line("the configuration was refused; the running one stays in force")
      #expect(line.contains("\(reason): that needs a restart of culvert run"))
      let after = try lab.tables()
      #expect(after == tables)
      #expect(try director.stop() == 0)
    }
  }
}
