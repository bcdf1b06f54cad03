// SPDX-License-Identifier: MIT
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
public import SystemPackage

/// The socket at which a director can be talked to: HTTP/1.1 and JSON over a Unix socket.
///
/// One thread of its own serves all connections, so that no client can hold the director up.
public final class ControlServer: Sendable {
  /// Answers a request, now or later, on any thread, exactly once. It is called on the server's thread and must not wait.
  public typealias Handler =
    @Sendable (
      ControlRequest, ControlPeer, @escaping @Sendable (ControlResponse) -> Void
    ) -> Void

  /// Who may connect, besides root.
  public struct Permissions: Hashable, Sendable {
    public var group: String?
    public var mode: UInt16

    public init(group: String? = nil, mode: UInt16 = 0o600) {
      self.group = group
      self.mode = mode
    }
  }

  private let path: FilePath
  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let loop: ServerLoop
  private let connections: NIOLoopBoundBox<Connections>

  /// Listens at `path`; a socket that a process that died has left there is replaced.
  ///
  /// - Throws: `ControlError` or `LinuxError`: another process listens there, or the kernel refuses.
  public convenience init(at path: FilePath, _ permissions: Permissions, handler: @escaping Handler) throws {
    try self.init(at: path, permissions, limits: Limits(), handler: handler)
  }

  init(at path: FilePath, _ permissions: Permissions, limits: Limits, handler: @escaping Handler) throws {
    self.path = path
    loop = ServerLoop(threads.next())
    connections = .makeBoxSendingValue(Connections(limits), eventLoop: threads.next())
    do {
      try threads.next().submit { ServerLoop.holdSignals() }.wait()
      let socket = try ListeningSocket.open(at: path, permissions)
      _ = try bootstrap(limits, handler).withBoundSocket(socket.rawValue).wait()
    } catch {
      loop.close()
      try? threads.syncShutdownGracefully()
      throw error
    }
  }

  deinit {
    stop()
  }

  private func bootstrap(_ limits: Limits, _ handler: @escaping Handler) -> ServerBootstrap {
    ServerBootstrap(group: threads)
      // Where descriptors run out, the loop would try to accept over and over.
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler()) }
      }
      .childChannelOption(.writeBufferWaterMark, value: .init(low: limits.waiting / 2, high: limits.waiting))
      // Who has said all that he has to say still wants the answer.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { [loop, connections] channel in
        ControlPeer.of(channel).flatMapThrowing { peer in
          let connection = ControlConnection(peer, loop, connections.value, limits, handler)
          try channel.pipeline.syncOperations.addHandlers(Self.http(limits))
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
  }

  private static func http(_ limits: Limits) -> [any ChannelHandler] {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headers
    decoding.maxHeaderListSize = limits.headers
    decoding.maxHeaderFieldCount = 64
    return [
      InputLimit(limits.headers * 2 + limits.body * 2), HTTPResponseEncoder(),
      ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoding)),
    ]
  }

  /// Tells everybody who watches. It does not wait for them.
  public func publish(_ event: ControlEvent) {
    loop.perform { [connections] in connections.value.publish(event) }
  }

  /// Ends all connections, and removes the socket.
  public func stop() {
    guard loop.close() else { return }
    _ = unsafe unlink(path.string)
    // It fails only if it was done before.
    try? threads.syncShutdownGracefully()
  }
}

/// What a client may ask of a server's memory and patience.
struct Limits: Sendable {
  var connections = 64
  /// Bytes of the request line, and of all header fields.
  var headers = 16 << 10
  /// Bytes of a request's body.
  var body = 64 << 10
  /// Bytes that may wait for somebody who watches and does not read.
  var waiting = 256 << 10
  /// Until a request is whole, and until its answer is taken.
  var client: TimeAmount = .seconds(30)
  /// Until the director answers.
  var director: TimeAmount = .seconds(10)
}
