// SPDX-License-Identifier: MIT
import Glibc
import TestSupport

/// A client that says what it likes, over a socket of its own.
final class Client {
  private let descriptor: CInt

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let status = withUnsafeBytes(of: &address) { bytes in
      connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
    }
    guard status == 0 else { throw CommandFailure(description: "cannot connect to \(path): errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// Sends all of it, or as much as the other end takes before it hangs up.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Says that nothing more will come.
  func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

  /// All that comes until the other end hangs up.
  func rest(within limit: Duration = .seconds(20)) throws -> String {
    var bytes: [UInt8] = []
    _ = try eventually("the end of the connection", within: limit) {
      try receive(into: &bytes) ? nil : true
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What comes until it contains `mark`.
  func text(until mark: String) throws -> String {
    var bytes: [UInt8] = []
    return try eventually("\"\(mark)\" from the server", within: .seconds(20)) {
      let goesOn = try receive(into: &bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      if text.contains(mark) { return text }
      guard goesOn else { throw CommandFailure(description: "the server hung up after \"\(text)\"") }
      return nil
    }
  }

  /// Waits a little for more; false at the end.
  private func receive(into bytes: inout [UInt8]) throws -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 100) > 0 else { return true }
    var space = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &space, space.count)
    bytes += space.prefix(max(count, 0))
    return count > 0
  }
}

/// An answer as it came.
struct Reply {
  let status: String
  let headers: [String]
  let body: String

  init(_ text: String) {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = (parts.first ?? "").split(separator: "\r\n").map(String.init)
    status = lines.first ?? ""
    headers = Array(lines.dropFirst())
    body = parts.count > 1 ? String(parts[1]) : ""
  }
}
