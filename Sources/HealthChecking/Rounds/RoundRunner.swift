// SPDX-License-Identifier: MIT
import Balancing
import Health
import Linux
import Probing

/// Runs the rounds of one target, one after the other: packets in, frames out.
struct RoundRunner {
  private let target: CheckTarget
  private let factory: ProbeFactory
  private(set) var lanes: [Lane]
  /// Why no packet can be sent at all; nil where they can.
  let obstacle: CheckFailure?
  private var round: Round?
  /// Counts the rounds.
  private var turn = Int.random(in: 0..<Int(HeldPorts.count))
  /// The program that runs in this round.
  private(set) var command: CommandRun?
  private var frames: [Frame] = []

  /// A frame, and the lane that it is of.
  struct Frame {
    let lane: Int
    let interface: UInt32
    let bytes: [UInt8]
  }

  init(_ target: CheckTarget, _ lanes: [Lane], firstPort: UInt16, obstacle: CheckFailure? = nil) {
    self.target = target
    self.lanes = lanes
    self.obstacle = obstacle
    factory = ProbeFactory(target: target, firstPort: firstPort)
  }

  var isRunning: Bool { round != nil }

  /// How many probes a round has.
  var probeCount: Int { obstacle == nil ? max(lanes.count, 1) : 0 }

  /// When `passTime` is to be called; nil while no round runs.
  var deadline: Instant? {
    round.map { round in lanes.lazy.compactMap(\.deadline).reduce(round.deadline, min) }
  }

  /// What is to be sent now; afterwards nothing is.
  mutating func takeFrames() -> [Frame] {
    defer { frames = [] }
    return frames
  }

  /// What the round came to, and ends it; nil while that is open.
  mutating func takeResult() -> RoundResult? {
    guard let result = round?.result else { return nil }
    stop()
    return result
  }

  /// Starts a round.
  mutating func begin(at now: Instant) {
    let legs = isCommand ? [.tunnel] : target.check.path.legs
    round = Round(target, legs: legs, hasFullSize: lanes.contains(where: \.isFullSize), at: now)
    turn += 1
    if let obstacle { return legs.forEach { round?.end(small: .failure(obstacle), on: $0, roundTrip: nil) } }
    if isCommand { run() }
    for index in lanes.indices {
      let probe = factory.probe(lanes[index], turn: turn)
      change(index) { $0.begin(probe, at: now) }
    }
  }

  /// A packet came that has the tag of the lane at `index`.
  mutating func receive(_ packet: IPPacketView, lane index: Int, at now: Instant) {
    change(index) { $0.receive(packet, at: now) }
  }

  /// An ICMP error came about a packet of the lane at `index`.
  mutating func receive(_ problem: CheckFailure, about packet: IPPacketView, lane index: Int, at now: Instant) {
    change(index) { $0.receive(problem, about: packet, at: now) }
  }

  /// A frame of the lane at `index` could not be sent.
  mutating func fail(_ failure: CheckFailure, lane index: Int) {
    change(index) { lane in
      lane.fail(failure)
      return []
    }
  }

  /// The deadline has passed: sends again, or gives up.
  mutating func passTime(to now: Instant) {
    guard let round else { return }
    if round.deadline <= now { return giveUp() }
    for index in lanes.indices { change(index) { $0.passTime(to: now) } }
  }

  /// One of the program's descriptors can be read.
  mutating func lookAfterCommand() {
    command?.readOutput()
    if let ending = command?.ending() { round?.end(small: ending, on: .tunnel, roundTrip: nil) }
  }

  /// Ends the round, if there is one.
  mutating func stop() {
    round = nil
    command?.end()
    command = nil
    for index in lanes.indices { append(lanes[index].stop(), of: index) }
  }

  private var isCommand: Bool { target.check.question.isCommand }

  private mutating func run() {
    guard case .command(let words) = target.check.question else { return }
    do throws(LinuxError) {
      command = try CommandRun(words, variables: target.variables)
    } catch {
      round?.end(small: .failure(CheckFailure(.command, "\(error)")), on: .tunnel, roundTrip: nil)
    }
  }

  /// Steps a lane, and takes over what follows.
  private mutating func change(_ index: Int, _ step: (inout Lane) -> [[UInt8]]) {
    let wasOpen = lanes[index].ending == nil
    append(step(&lanes[index]), of: index)
    guard wasOpen, round != nil, let ending = lanes[index].ending else { return }
    end(lanes[index], ending)
  }

  private mutating func append(_ bytes: [[UInt8]], of index: Int) {
    let interface = lanes[index].way.interface
    frames += bytes.map { Frame(lane: index, interface: interface, bytes: $0) }
  }

  private mutating func end(_ lane: Lane, _ ending: Result<Void, CheckFailure>) {
    guard lane.isFullSize else {
      round?.end(small: ending, on: lane.way.leg, roundTrip: lane.roundTrip)
      return
    }
    let size = factory.size(lane.way)
    round?.end(fullSize: ending.mapError { CheckFailure($0.kind, "\(size) bytes: \($0.detail)", on: lane.way.leg) })
  }

  /// Time is up.
  private mutating func giveUp() {
    if isCommand, command?.isOver == false {
      let failure = CheckFailure(.timeout, "the program did not end within \(target.check.timeout.shortText)")
      round?.end(small: .failure(failure), on: .tunnel, roundTrip: nil)
    }
    for lane in lanes where lane.ending == nil { giveUp(lane) }
  }

  private mutating func giveUp(_ lane: Lane) {
    if lane.isFullSize {
      let size = factory.size(lane.way)
      let failure = CheckFailure(.timeout, "\(size) bytes not answered, small ones are", on: lane.way.leg)
      round?.end(fullSize: .failure(failure))
    } else {
      let detail = "\(lane.progress) from \(lane.asked) within \(target.check.timeout.shortText)"
      round?.end(small: .failure(CheckFailure(.timeout, detail)), on: lane.way.leg, roundTrip: nil)
    }
  }
}

extension HealthCheck.Path {
  /// The ways in it.
  var legs: [CheckFailure.Leg] {
    switch self {
    case .tunnel: [.tunnel]
    case .direct: [.direct]
    case .both: [.tunnel, .direct]
    }
  }
}

extension CheckTarget {
  /// What programs are told.
  fileprivate var variables: [String: String] {
    [
      "CULVERT_SERVER": server.name, "CULVERT_ADDRESS": "\(server.address)", "CULVERT_VIP": "\(virtualAddress)",
      "CULVERT_PORT": "\(port)",
    ]
  }
}
