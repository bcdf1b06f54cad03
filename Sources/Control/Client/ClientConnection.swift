// SPDX-License-Identifier: MIT
import Glibc
import Linux
import SystemPackage

/// The client's end of one connection: a request has been sent, the answer is read.
struct ClientConnection: ~Copyable {
  private let path: FilePath
  private let socket: UnixSocket
  /// What has come and was not handed out.
  private var buffer: [UInt8] = []

  /// More than the director itself takes before it says that it does not answer.
  private static let patience: Duration = .seconds(15)

  init(to path: FilePath, _ request: HTTPRequest) throws(ControlError) {
    self.path = path
    do throws(LinuxError) {
      socket = try Self.connected(to: path)
    } catch {
      throw Unreachable(path, error.errno).error
    }
    send(request)
  }

  private static func connected(to path: FilePath) throws(LinuxError) -> UnixSocket {
    let socket = try UnixSocket()
    try socket.setTimeout(patience)
    try socket.connect(to: path)
    return socket
  }

  /// What cannot be sent, the other end has answered already: it says why.
  private func send(_ request: HTTPRequest) {
    var rest = request.bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.send(socket.borrowed.rawValue, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  /// The answer's status; what follows is its body.
  mutating func head() throws(ControlError) -> Int {
    guard let status = Self.status(try promptLine()) else {
      throw ControlError("what listens at \(path) is no director")
    }
    while try !["", "\r"].contains(String(decoding: promptLine(), as: UTF8.self)) {}
    return status
  }

  private mutating func promptLine() throws(ControlError) -> [UInt8] {
    guard let line = try line(until: .now + Self.patience) else { throw Unreachable(path, .timedOut).error }
    return line
  }

  /// That of `HTTP/1.0 200 OK`.
  private static func status(_ line: [UInt8]) -> Int? {
    let words = line.split(separator: UInt8(ascii: " "))
    guard words.count > 1, words[0].starts(with: "HTTP/1.".utf8) else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self))
  }

  /// All that is left.
  mutating func rest() throws(ControlError) -> [UInt8] {
    while true {
      switch try receive(until: .now + Self.patience) {
      case .some: continue
      case .late: throw Unreachable(path, .timedOut).error
      case .end: return buffer
      }
    }
  }

  /// The next line, without its end; nil when time is up.
  mutating func line(until deadline: ContinuousClock.Instant?) throws(ControlError) -> [UInt8]? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return Array(buffer[..<end])
      }
      switch try receive(until: deadline) {
      case .some: continue
      case .late: return nil
      case .end: throw ControlError("the director at \(path) has ended the connection")
      }
    }
  }
}

// Reading.
extension ClientConnection {
  private enum Receipt {
    case some, late, end
  }

  private mutating func receive(until deadline: ContinuousClock.Instant?) throws(ControlError) -> Receipt {
    do throws(LinuxError) {
      guard try !Poller([socket.borrowed]).wait(timeout: deadline.map { $0 - .now }).isEmpty else { return .late }
      let bytes = try attempting("read") { try Self.read(socket.borrowed) }
      buffer += bytes
      return bytes.isEmpty ? .end : .some
    } catch {
      if error.errno == .connectionReset { return .end }
      throw Unreachable(path, error.errno).error
    }
  }

  private static func read(_ descriptor: FileDescriptor) throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { space, count in
      count = unsafe try descriptor.read(into: UnsafeMutableRawBufferPointer(space))
    }
  }
}
