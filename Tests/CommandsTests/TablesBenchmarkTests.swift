// SPDX-License-Identifier: MIT
import Testing

@testable import Commands

@Suite struct `The benchmark of tables` {
  @Test func `measures more services than the engines have room for`() throws {
    var benchmark = TablesBenchmark(services: 600, servers: 1)
    #expect(try benchmark.run().services == 600)
  }

  @Test func `prints what it found`() throws {
    let report = TablesReport(
      services: 1000, servers: 100, firstMilliseconds: 4321.4, downMilliseconds: 4000, unchangedMilliseconds: 3.2,
      peakMemoryKibibytes: 700_000)
    #expect(
      report.text == """
        1000 services of 100 servers       ms  a service
        all tables for the first time    4321       4.32
        one server down in all services  4000       4.00
        nothing changed                     3       0.00
        memory at the most: 683 MiB
        """)
  }

  @Test func `measures what it says`() throws {
    var benchmark = TablesBenchmark(services: 2, servers: 3)
    let report = try benchmark.run()
    #expect(report.firstMilliseconds > 0 && report.downMilliseconds > 0 && report.peakMemoryKibibytes > 1024)
    #expect(report.servers == 3)
  }
}
