// SPDX-License-Identifier: MIT
public import Linux
import SystemPackage

/// Asks the kernel about its links, addresses, routes, rules and neighbours, and changes them.
///
/// It speaks for the network namespace of the thread that opened it, wherever it is used later. Use it from one
/// thread at a time. Each change is one request, which happens as a whole or not at all; ``setLink(_:_:)`` alone says
/// otherwise.
public final class NetlinkConnection {
  private var socket: NetlinkSocket
  private var lastSequence: UInt32 = 0

  /// How often a list is asked for again when the tables change while it is read.
  private static let attempts = 8

  /// Opens a connection to the network namespace of the calling thread. Reading needs no privilege.
  public convenience init() throws(NetlinkError) {
    try self.init(.route)
  }

  init(_ subsystem: NetlinkSubsystem) throws(NetlinkError) {
    socket = try NetlinkSocket(subsystem)
  }

  /// Opens a connection to `namespace`; only while it opens is a thread there.
  public convenience init(in namespace: borrowing NetworkNamespace) throws {
    try self.init(socket: namespace.run { OpenedSocket(try NetlinkSocket()) }.take())
  }

  private init(socket: consuming NetlinkSocket) {
    self.socket = socket
  }

  /// Sends `request` and waits until the kernel has done it.
  func transact(_ request: Request) throws(NetlinkError) {
    _ = try exchange(request) { _ in nil as Never? }
  }

  /// Sends `request` and gives the entries that `decode` makes of the replies, leaving out those it makes `nil` of.
  ///
  /// A list during which the tables changed may have gaps, so it is asked for again.
  func collect<Entry>(
    _ request: Request, _ decode: (Message) throws(MalformedMessage) -> Entry?
  ) throws(NetlinkError) -> [Entry] {
    for _ in 0..<Self.attempts {
      let (entries, isComplete) = try exchange(request, decode)
      if isComplete { return entries }
    }
    let advice = "the tables changed each of \(Self.attempts) times; try again when there is less going on"
    throw NetlinkError(operation: request.operation(), errno: .interrupted, advice: advice)
  }

  /// Sends `request` and reads replies up to the acknowledgement or the end of the list.
  private func exchange<Entry>(
    _ request: Request, _ decode: (Message) throws(MalformedMessage) -> Entry?
  ) throws(NetlinkError) -> (entries: [Entry], isComplete: Bool) {
    var request = request
    lastSequence &+= 1
    request.sequence = lastSequence
    try socket.send(request.bytes, request.operation())
    var reply = Reply<Entry>(sequence: lastSequence)
    while reply.acknowledgement == nil {
      try receive(request.operation()) { message throws(MalformedMessage) in try reply.add(message, decode) }
    }
    if let error = error(of: request, reply.acknowledgement) { throw error }
    return (reply.entries, reply.isComplete)
  }

  /// Sends `requests` as one datagram and puts their acknowledgements, as they come, into `replies`.
  func exchange(
    _ requests: ArraySlice<Request>, _ replies: inout [Acknowledgement?]
  ) throws(NetlinkError) {
    let first = lastSequence &+ 1
    var datagram: [UInt8] = []
    for var request in requests {
      lastSequence &+= 1
      request.sequence = lastSequence
      datagram += request.bytes
    }
    let operation = "make \(requests.count) changes"
    try socket.send(datagram, operation)
    while replies.contains(nil) {
      try receive(operation) { message throws(MalformedMessage) in
        let position = Int(message.sequence &- first)
        if replies.indices.contains(position) { replies[position] = try Acknowledgement(message) }
      }
    }
  }

  private func receive(
    _ operation: String, _ body: (Message) throws(MalformedMessage) -> Void
  ) throws(NetlinkError) {
    try socket.receive(operation) { message throws(NetlinkError) in
      do throws(MalformedMessage) {
        try body(message)
      } catch {
        throw NetlinkError(operation: operation, malformed: error)
      }
    }
  }

  /// The kernel's refusal, if it is one, with the name, not the number, of the link it is about.
  func error(of request: Request, _ acknowledgement: Acknowledgement?) -> NetlinkError? {
    guard let acknowledgement, let errno = acknowledgement.errno else { return nil }
    var name: String?
    if let link = request.link, errno != .noDevice { name = (try? self.link(link))?.name }
    return acknowledgement.error(of: request.operation(linkName: name), advice: request.advice)
  }
}

/// Carries a socket, which cannot be copied, out of a closure.
private final class OpenedSocket {
  private var socket: NetlinkSocket?

  init(_ socket: consuming NetlinkSocket) {
    self.socket = consume socket
  }

  /// The socket, once.
  func take() -> NetlinkSocket {
    guard let taken = socket.take() else { preconditionFailure("the socket has been taken already") }
    return taken
  }
}
