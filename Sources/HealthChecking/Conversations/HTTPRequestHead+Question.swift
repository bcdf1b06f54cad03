// SPDX-License-Identifier: MIT
import Health
import NIOHTTP1
import Wire

extension HTTPRequestHead {
  /// The request that asks `question`. Its own headers go before those that are always there.
  init(_ question: HTTPQuestion, host: String) {
    let given = HTTPHeaders(question.headers.map { ($0.name, $0.value) })
    let usual = [
      ("Host", Self.hostHeader(question.host ?? host)), ("User-Agent", "culvert/0.1.0"), ("Accept", "*/*"),
      ("Connection", "close"),
    ]
    var headers = HTTPHeaders(usual.filter { !given.contains(name: $0.0) })
    // Otherwise the library would announce a body in chunks.
    if ["POST", "PUT", "PATCH"].contains(question.method) { headers.add(name: "Content-Length", value: "0") }
    headers.add(contentsOf: given)
    self.init(version: .http1_1, method: HTTPMethod(rawValue: question.method), uri: question.target, headers: headers)
  }

  /// An IPv6 address stands in brackets (RFC 3986, 3.2.2).
  private static func hostHeader(_ host: String) -> String { IPv6Address(host) == nil ? host : "[\(host)]" }
}
