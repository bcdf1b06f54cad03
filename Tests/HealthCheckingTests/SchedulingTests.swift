// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@testable import HealthChecking

/// When rounds start, without a clock.
struct SchedulingTests {
  private let now = Instant.now

  @Test func `a bucket grants no more than its rate, and a tenth of a second at once`() {
    var bucket = TokenBucket(perSecond: 100, at: now)
    let atOnce = (0..<20).filter { _ in bucket.take(1, at: now) }.count
    #expect(atOnce == 10)
    var granted = 0
    for millisecond in 1...1000 where bucket.take(1, at: now + .milliseconds(millisecond)) { granted += 1 }
    #expect(99...100 ~= granted)
  }

  @Test func `a bucket says when there is enough`() {
    var bucket = TokenBucket(perSecond: 10, at: now)
    let first = bucket.take(1, at: now)
    let moment = bucket.moment(of: 4)
    #expect(abs((moment - now).inSeconds - 0.4) < 0.001)
    let early = bucket.take(4, at: now + .milliseconds(390))
    let late = bucket.take(4, at: now + .milliseconds(401))
    #expect(first && !early && late, "though it holds less usually")
  }

  @Test func `what is due first comes first`() {
    var random = SplitMix64(seed: SplitMix64.freshSeed())
    var deadlines = Deadlines<Int>()
    let moments = (0..<500).map { _ in random.below(1000) }
    for moment in moments { deadlines.add(moment, at: now + .milliseconds(moment)) }
    var order: [Int] = []
    for millisecond in stride(from: 0, through: 1000, by: 50) {
      while let next = deadlines.next(dueAt: now + .milliseconds(millisecond)) {
        #expect(next.element <= millisecond)
        order.append(next.element)
      }
    }
    #expect(order == moments.sorted() && deadlines.first == nil)
  }

  @Test(arguments: [0, 0.3, 0.999])
  func `a rhythm starts at once, and keeps its place in the interval`(_ place: Double) {
    let interval = Duration.seconds(2)
    var rhythm = Rhythm(interval: interval, place: place, from: now, epoch: now - .seconds(1001))
    #expect(.zero...Rhythm.firstSpread ~= rhythm.first - now)
    var starts = [rhythm.first]
    for _ in 0..<100 { starts.append(rhythm.next(after: starts[starts.count - 1])) }
    let gaps = zip(starts, starts.dropFirst()).map { ($1 - $0).inSeconds }
    #expect(0.85...3.15 ~= gaps[0])
    #expect(gaps.dropFirst().allSatisfy { 1.8...2.2 ~= $0 })
    #expect(Set(gaps).count > 50, "each is a little earlier or later")
  }

  @Test func `a round that started late does not make the next one late`() {
    var rhythm = Rhythm(interval: .seconds(1), place: 0, from: now, epoch: now)
    let late = now + .milliseconds(5300)
    let wait = rhythm.next(after: late) - late
    #expect(0.6...0.8 ~= wait.inSeconds)
  }

  @Test func `a tag is found again in what is acknowledged, as far as it may be`() {
    for value in [0, 1, 77_777, ProbeTag.count - 1] {
      let tag = ProbeTag(value: value)
      let first = SequenceNumber(rawValue: tag.initialSequence)
      #expect(ProbeTag.inSequence(first) == tag && ProbeTag.inSequence(first + (ProbeTag.byteLimit - 1)) == tag)
      #expect(ProbeTag(identifier: tag.identifier, remainder: tag.remainder) == tag)
    }
  }
}
