// SPDX-License-Identifier: MIT
import Health
import Probing
import Wire

/// One of the probes that go at the same time in each round of a target.
struct Lane {
  /// What answers are known by, in all rounds.
  let tag: ProbeTag
  let way: ProbeWay
  let isFullSize: Bool
  /// Of the latest round.
  private var probe: (any Probe)?
  private var started: Instant?
  /// How it ended; nil while it goes on.
  private(set) var ending: Result<Void, CheckFailure>?
  /// From the start to the end, where an answer ended it.
  private(set) var roundTrip: Duration?

  init(_ tag: ProbeTag, _ way: ProbeWay, isFullSize: Bool) {
    self.tag = tag
    self.way = way
    self.isFullSize = isFullSize
  }

  /// When something is to be done unless an answer comes before.
  var deadline: Instant? { ending == nil ? probe?.deadline : nil }

  /// Begins anew; gives frames to send, as all that follows does.
  mutating func begin(_ probe: any Probe, at now: Instant) -> [[UInt8]] {
    var probe = probe
    ending = nil
    roundTrip = nil
    started = now
    let step = probe.begin(at: now)
    self.probe = probe
    return take(step, at: now)
  }

  /// Takes in a packet that has the lane's tag.
  mutating func receive(_ packet: IPPacketView, at now: Instant) -> [[UInt8]] {
    guard let probe, packet.destination == way.source, packet.transportProtocol == probe.transportProtocol else {
      return []
    }
    guard packet.source == way.destination, isFromAskedPort(packet) else {
      if ending == nil, probe.isAnswer(packet.payload) { return end(.failure(wrongAddress(packet)), at: now) }
      return []
    }
    return advance(at: now) { $0.receive(packet.payload, at: now) }
  }

  /// An ICMP error came about `packet`, which has the lane's tag.
  mutating func receive(_ problem: CheckFailure, about packet: IPPacketView, at now: Instant) -> [[UInt8]] {
    guard packet.source == way.source, packet.destination == way.destination, ending == nil else { return [] }
    return end(.failure(problem), at: now)
  }

  mutating func passTime(to now: Instant) -> [[UInt8]] {
    guard let deadline, deadline <= now else { return [] }
    return advance(at: now) { $0.passTime(to: now) }
  }

  /// Time is up, or another lane has decided: nothing more is waited for.
  mutating func stop() -> [[UInt8]] {
    guard var probe else { return [] }
    let step = probe.stop()
    self.probe = probe
    return frames(step, probe.transportProtocol)
  }

  /// This host cannot send.
  mutating func fail(_ failure: CheckFailure) {
    if ending == nil { ending = .failure(failure) }
  }

  /// What to say where time ran out.
  var progress: String { probe?.progress ?? "no answer" }

  private mutating func advance(at now: Instant, _ step: (inout any Probe) -> ProbeStep) -> [[UInt8]] {
    guard var probe else { return [] }
    let next = step(&probe)
    self.probe = probe
    return take(next, at: now)
  }

  private mutating func end(_ ending: Result<Void, CheckFailure>, at now: Instant) -> [[UInt8]] {
    self.ending = ending
    return stop()
  }

  private mutating func take(_ step: ProbeStep, at now: Instant) -> [[UInt8]] {
    guard let probe else { return [] }
    if ending == nil, let new = step.ending {
      roundTrip = started.map { now - $0 }
      ending = new.mapError(decorated)
    }
    return frames(step, probe.transportProtocol)
  }

  private mutating func frames(_ step: ProbeStep, _ transportProtocol: TransportProtocol) -> [[UInt8]] {
    do throws(CheckFailure) {
      var frames: [[UInt8]] = []
      for payload in step.payloads { frames.append(try way.frame(payload, transportProtocol)) }
      return frames
    } catch {
      fail(error)
      return []
    }
  }
}

// What is said of failures.
extension Lane {
  /// Who was asked: an address, and a port if there is one.
  var asked: String { probe?.otherPort.map { endpoint(way.destination, $0) } ?? "\(way.destination)" }

  private func isFromAskedPort(_ packet: IPPacketView) -> Bool {
    probe?.otherPort.map { packet.payload.number(at: 0) == $0 } ?? true
  }

  private func wrongAddress(_ packet: IPPacketView) -> CheckFailure {
    let port: UInt16? = probe?.otherPort.flatMap { _ in packet.payload.number(at: 0) }
    let source = port.map { endpoint(packet.source, $0) } ?? "\(packet.source)"
    return CheckFailure(.wrongAddress, "\(asked) was asked, and \(source) answered")
  }

  private func decorated(_ failure: CheckFailure) -> CheckFailure {
    guard failure.kind == .refused || failure.kind == .reset else { return failure }
    var failure = failure
    failure.detail += " from \(asked)" + (roundTrip.map { " after \($0.shortText)" } ?? "")
    return failure
  }
}

/// An address and a port, as URLs have them (RFC 3986).
private func endpoint(_ address: IPAddress, _ port: UInt16) -> String {
  address.version == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
}
