// SPDX-License-Identifier: MIT
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// SwiftNIO's HTTP/1.1 without its I/O: a request in bytes, and bytes in parts of the answer. Interim answers (1xx) are
/// left out.
final class HTTPCodec {
  private let channel: EmbeddedChannel

  /// What came of some bytes: parts, and perhaps an error after them.
  struct Heard {
    var parts: [HTTPClientResponsePart] = []
    var error: (any Error)?
  }

  init() {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderListSize = 65_536
    let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    channel = EmbeddedChannel(handlers: [
      HTTPRequestEncoder(), ByteToMessageHandler(decoder), NIOHTTPRequestHeadersValidator(),
    ])
  }

  deinit {
    // A channel has to be closed; what it says about that matters no more.
    _ = decodeEnd()
  }

  /// The bytes of a request without a body.
  ///
  /// - Throws: SwiftNIO's error for what HTTP does not allow in a header.
  func encode(_ head: HTTPRequestHead) throws -> [UInt8] {
    try channel.writeOutbound(HTTPClientRequestPart.head(head))
    try channel.writeOutbound(HTTPClientRequestPart.end(nil))
    var bytes: [UInt8] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
    return bytes
  }

  func decode(_ bytes: [UInt8]) -> Heard {
    hear { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
  }

  /// The other side will send no more.
  func decodeEnd() -> Heard {
    hear { _ = try channel.finish(acceptAlreadyClosed: true) }
  }

  private func hear(_ action: () throws -> Void) -> Heard {
    var heard = Heard()
    do { try action() } catch { heard.error = error }
    while let part = try? channel.readInbound(as: HTTPClientResponsePart.self) { heard.parts.append(part) }
    return heard
  }
}
