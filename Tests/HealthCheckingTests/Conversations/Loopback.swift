// SPDX-License-Identifier: MIT
import Glibc
import Health
import TestSupport

@testable import HealthChecking

/// Has a conversation with a server on this host's loopback interface, over the kernel's TCP.
func converse(_ conversation: any StreamConversation, port: UInt16) throws -> CheckFailure? {
  var conversation = conversation
  let connection = try LoopbackConnection(port: port)
  var step = conversation.begin()
  while true {
    try connection.send(step.send)
    switch step.ending {
    case .success?: return nil
    case .failure(let failure)?: return failure
    case nil: break
    }
    let bytes = try connection.receive()
    step = bytes.isEmpty ? conversation.end() : conversation.receive(bytes)
  }
}

/// A TCP connection to 127.0.0.1 on which nothing takes longer than ten seconds.
private final class LoopbackConnection {
  private let descriptor: CInt

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout.size(ofValue: address))
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard result == 0 else { throw CommandFailure(description: "cannot connect to port \(port): errno \(errno)") }
  }

  deinit {
    close(descriptor)
  }

  func send(_ bytes: [UInt8]) throws {
    guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
      throw CommandFailure(description: "cannot send \(bytes.count) bytes: errno \(errno)")
    }
  }

  /// What came; nothing when the other side ends the connection, in whatever way.
  func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1500)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 || errno == ECONNRESET else { throw CommandFailure(description: "nothing came: errno \(errno)") }
    return Array(buffer.prefix(max(count, 0)))
  }
}

extension ChildProcess {
  /// The port that the server says it listens on, after `words`.
  func port(after words: String) throws -> UInt16 {
    try eventually("a line with \"\(words)\" in \(output) \(errors)", within: .seconds(20)) {
      rest()
      guard let start = output.firstRange(of: words)?.upperBound else { return nil }
      let digits = output[start...].prefix { $0.isNumber }
      return output[start...].contains("\n") ? UInt16(digits) : nil
    }
  }
}

/// Whether a program is where the shell would find it.
func isInstalled(_ program: String) -> Bool {
  let directories = getenv("PATH").map { String(cString: $0) } ?? ""
  return directories.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}
