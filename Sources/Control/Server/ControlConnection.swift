// SPDX-License-Identifier: MIT
import NIOCore
import NIOHTTP1

/// A connection: one request, one answer, and the end.
///
/// HTTP allows that, and so nobody can pile up answers that he does not read, or requests behind one that waits.
final class ControlConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let peer: ControlPeer
  private let loop: ServerLoop
  private let connections: Connections
  private let limits: Limits
  private let handler: ControlServer.Handler
  private var phase = Phase.reading
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  /// What happens when time is up.
  private var timeout: Scheduled<Void>?
  /// While the connection lives.
  private var context: ChannelHandlerContext?

  private enum Phase {
    /// Until the request is whole.
    case reading
    /// For the director.
    case waiting
    case watching
    /// Until the answer is taken. What still comes is not looked at.
    case answered
  }

  init(
    _ peer: ControlPeer, _ loop: ServerLoop, _ connections: Connections, _ limits: Limits,
    _ handler: @escaping ControlServer.Handler
  ) {
    self.peer = peer
    self.loop = loop
    self.connections = connections
    self.limits = limits
    self.handler = handler
  }
}

// What comes from the client.
extension ControlConnection {
  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    guard connections.enter(self) else {
      return answer(
        Refusal(
          .serviceUnavailable, "\(limits.connections) connections are open already", hint: "close some, or try later"))
    }
    within(limits.client) { connection in
      connection.answer(Refusal(.requestTimeout, "the request was not whole in time"))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timeout?.cancel()
    connections.leave(self)
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .reading = phase else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head)
    case .body(let part): take(part)
    case .end: perform()
    }
  }

  /// The client says no more.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .reading = phase, event as? ChannelEvent == .inputClosed else { return }
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The decoder ends the connection by itself after that.
    if case .reading = phase, error is HTTPParserError {
      answer(Refusal(.badRequest, "this is not an HTTP/1 request", hint: "headers may have \(limits.headers) bytes"))
    } else {
      context.close(promise: nil)
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    self.head = head
    // Before it comes.
    if let length = head.headers.first(name: "Content-Length").flatMap(Int.init), length > limits.body { refuseBody() }
  }

  private func take(_ part: ByteBuffer) {
    guard body.count + part.readableBytes <= limits.body else { return refuseBody() }
    body += part.readableBytesView
  }

  private func refuseBody() {
    answer(Refusal(.payloadTooLarge, "the body has more than \(limits.body) bytes"))
  }

  private func perform() {
    guard let head else { return }
    do throws(Refusal) {
      switch try Call(head.method, head.uri, body: body) {
      case .ask(let request): ask(request)
      case .watch: watch()
      }
    } catch {
      answer(error)
    }
  }

  private func within(_ time: TimeAmount, _ body: @escaping (ControlConnection) -> Void) {
    timeout?.cancel()
    timeout = context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
      if let self { body(self) }
    }
  }
}

// What goes to the client.
extension ControlConnection {
  private func ask(_ request: ControlRequest) {
    guard let context else { return }
    phase = .waiting
    within(limits.director) { connection in
      connection.answer(Refusal(.serviceUnavailable, "the director does not answer", hint: "try again"))
    }
    let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
    handler(request, peer) { [loop] response in
      loop.perform { connection.value.answer(response) }
    }
  }

  private func answer(_ response: ControlResponse) {
    // It may be late.
    guard case .waiting = phase else { return }
    answer(Answer(response))
  }

  private func answer(_ refusal: Refusal) { answer(Answer(refusal)) }

  private func answer(_ answer: Answer) {
    guard let context else { return }
    phase = .answered
    var headers: HTTPHeaders = ["Connection": "close"]
    if !answer.body.isEmpty { headers.add(name: "Content-Type", value: "application/json") }
    if answer.status != .noContent { headers.add(name: "Content-Length", value: "\(answer.body.count)") }
    if let method = answer.allowed { headers.add(name: "Allow", value: method.rawValue) }
    begin(answer.status, headers)
    // That of HEAD has the headers alone.
    if !answer.body.isEmpty, head?.method != .HEAD { write(answer.body) }
    within(limits.client) { $0.context?.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { [weak self] _ in
      self?.context?.close(promise: nil)
    }
  }

  private func watch() {
    phase = .watching
    timeout?.cancel()
    begin(.ok, ["Connection": "close", "Content-Type": "application/x-ndjson"])
    context?.flush()
    connections.watch(self)
  }

  /// Sends a line to a client that watches; one that does not read is dropped.
  func tell(_ line: [UInt8]) {
    guard let context else { return }
    write(line)
    context.flush()
    if !context.channel.isWritable { context.close(promise: nil) }
  }

  private func begin(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
    let version = head?.version ?? .http1_1
    context?.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: version, status: status, headers: headers))), promise: nil)
  }

  private func write(_ bytes: [UInt8]) {
    context?.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
  }
}
