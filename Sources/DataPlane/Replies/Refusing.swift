// SPDX-License-Identifier: MIT
import Wire

/// What becomes of a packet that no service is configured for.
@inline(always)
func refusal(of datagram: Datagram, at virtualAddress: VirtualAddressEntry?) -> Verdict {
  guard let virtualAddress else { return datagram.isICMP ? .unbalancedICMP : .noService }
  switch datagram.kind {
  case .echoRequest: return virtualAddress.answersEcho ? .echoReply : .unbalancedICMP
  case .error, .control: return .unbalancedICMP
  case .laterFragment: return virtualAddress.does(.pass) ? .unconfiguredPort : .unmatchedFragment
  case .ordinary: break
  }
  if virtualAddress.does(.pass) { return .unconfiguredPort }
  return virtualAddress.does(.reset) ? datagram.refusal ?? .closedPort : .closedPort
}

extension Datagram {
  /// The answer of a host that nobody listens on; nil where it gives none.
  @inline(always)
  var refusal: Verdict? {
    guard kind == .ordinary, !packet.fragment.isFragment else { return nil }
    if packet.transportProtocol == .tcp { return .portReset }
    return packet.transportProtocol == .udp ? .portUnreachable : nil
  }

  @inline(always) fileprivate var isICMP: Bool { kind == .echoRequest || kind == .error || kind == .control }
}

extension IPPacket {
  /// The verdict on a packet that is longer than `mtu`: the client is told what would do, if it can be told.
  ///
  /// Divisible packets are not answered; nobody is told of a later fragment or of an error (RFC 1122, 3.2.2), nor of less
  /// than IPv6's smallest MTU.
  @inline(always)
  func tooBig(for mtu: Int, kind: Datagram.Kind) -> Verdict {
    guard !isDivisible, fragment.isFirst, kind != .error, !isIPv6 || mtu >= 1280 else { return .exceedsMTU }
    return .packetTooBig
  }
}

/// Puts the director's own answer in the packet's place; `mtu` is the largest packet that could be sent on.
///
/// - Returns: the verdict, or why there is no answer.
@inline(always)
func reply<E: Environment>(
  _ verdict: Verdict, to datagram: Datagram, mtu: Int, _ environment: inout E
) -> Verdict {
  guard let settings = unsafe environment.settings, let allowance = unsafe environment.allowance(),
    unsafe allowance.pointee.takeReply(environment.now, limit: settings.pointee.replyLimit)
  else { return .unanswered }
  if verdict == .echoReply { return answerEcho(datagram, &environment) }
  if verdict == .portReset { return reset(datagram, &environment) }
  let isIPv6 = datagram.packet.isIPv6
  let error: ICMPError =
    verdict == .packetTooBig ? .packetTooBig(isIPv6: isIPv6, mtu: mtu) : .portUnreachable(isIPv6: isIPv6)
  return answer(datagram, with: error, &environment) ? verdict : .unanswered
}
