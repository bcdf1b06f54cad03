// SPDX-License-Identifier: MIT

/// A request in HTTP/1.0: its answer comes as it is, not in chunks, and ends where the connection does.
struct HTTPRequest {
  let bytes: [UInt8]

  init(_ method: String, _ path: String, body: [UInt8] = []) {
    var head = "\(method) \(path) HTTP/1.0\r\n"
    if !body.isEmpty { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
    bytes = Array("\(head)\r\n".utf8) + body
  }
}
