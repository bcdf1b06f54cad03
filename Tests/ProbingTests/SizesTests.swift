// SPDX-License-Identifier: MIT
import Netlink
import TestSupport
import Testing
import Wire

@testable import Probing

struct SizesTests {
  @Test(arguments: [44, 45, 576, 1372, 1578, 1579])
  func `of which only some pass are found by halving`(_ limit: Int) {
    var asked: [Int] = []
    let sizes = SizedOutcomes(44...1580) { size in
      asked.append(size)
      return size <= limit ? .answered : .swallowed
    }
    #expect(sizes.largest == limit)
    #expect(sizes.small == SizedOutcome(bytes: 44, outcome: .answered))
    #expect(sizes.full == SizedOutcome(bytes: 1580, outcome: .swallowed))
    #expect(!sizes.isGood)
    #expect(asked.count <= 13)
  }

  @Test func `are two where all pass`() {
    let sizes = SizedOutcomes(44...1580) { _ in .answered }
    #expect(sizes.isGood && sizes.full?.bytes == 1580 && sizes.largest == nil)
  }

  @Test func `are one where nothing passes, or there is no other`() {
    let failed = SizedOutcomes(44...1580) { _ in .silent }
    #expect(!failed.isGood && failed.full == nil)
    let single = SizedOutcomes(44...44) { _ in .answered }
    #expect(single.isGood && single.full == nil)
  }

  private func meaning(_ content: Answer.Content, from source: IPAddress = .v4("10.1.0.11")) throws -> Outcome {
    Outcome(Answer(content: content, source: source, interface: InterfaceIndex(rawValue: 1)), server: .v4("10.1.0.11"))
  }

  @Test func `mean how far a packet came`() throws {
    #expect(try meaning(.accepted) == .answered)
    #expect(try meaning(.refused) == .refused)
    func problem(_ kind: ICMPProblem.Kind, _ isAboutTunnel: Bool) -> Answer.Content {
      .problem(ICMPProblem(kind: kind, isAboutTunnel: isAboutTunnel))
    }
    #expect(try meaning(problem(.portUnreachable, false)) == .refused)
    #expect(try meaning(problem(.portUnreachable, true)) == .tunnelRefused(.portUnreachable))
    #expect(try meaning(problem(.protocolUnreachable, true)) == .tunnelRefused(.protocolUnreachable))
    #expect(try meaning(problem(.prohibited, true)) == .tunnelRefused(.prohibited))
    let router = IPAddress.v4("10.1.0.1")
    #expect(try meaning(problem(.prohibited, true), from: router) == .stopped(.prohibited, by: router))
    #expect(try meaning(problem(.tooBig(mtu: 1400), true), from: router) == .stopped(.tooBig(mtu: 1400), by: router))
  }

  @Test func `come further the better they are`() {
    let router = IPAddress.v4("10.1.0.1")
    let outcomes: [Outcome] = [
      .unrouted(""), .silent, .stopped(.noRoute, by: router), .swallowed, .tunnelRefused(.noRoute), .refused,
      .unanswered, .answered,
    ]
    #expect(outcomes.map(\.stage) == outcomes.map(\.stage).sorted())
    #expect(outcomes.filter(\.isGood) == [.unanswered, .answered])
  }

  @Test func `of another protocol than TCP tell of the tunnel, not of the service`() {
    let service = ProbedService(
      name: "dns", virtualAddress: .v4("203.0.113.80"), port: 53, transportProtocol: .udp)
    let questions = service.questions(from: 50001)
    #expect(questions == [.datagram(from: 50001, to: 53), .connection(from: 50001, to: 53)])
    #expect(service.outcome(.refused, for: questions[0]) == .refused)
    #expect(service.outcome(.refused, for: questions[1]) == .unanswered)
    #expect(service.outcome(.silent, for: questions[1]) == .silent)
  }

  @Test(arguments: [
    ("10.9.0.1/30", "10.9.0.2"), ("10.9.0.2/30", "10.9.0.1"), ("10.9.0.0/31", "10.9.0.1"), ("10.9.0.3/30", nil),
    ("10.9.0.1/24", nil), ("10.9.0.1/32", nil), ("fd00::1/127", "fd00::"), ("fd00::1/126", "fd00::2"),
    ("fd00::1/64", nil),
  ])
  func `go to the other end that a short prefix leaves`(_ prefix: String, _ other: String?) throws {
    #expect(try #require(IPPrefix(prefix)).otherEnd?.description == other)
  }
}
