// SPDX-License-Identifier: MIT
import FoundationEssentials
import Glibc

/// A fresh directory for files of a test, removed with all that is in it when nobody holds it any more.
public final class TemporaryDirectory {
  public let path: String

  public init() throws {
    var template = Array("/tmp/culvert-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CommandFailure(description: "cannot make a directory: errno \(errno)")
    }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in here.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and gives its path.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let path = path(of: name)
    let bytes = Array(bytes)
    guard let file = fopen(path, "w") else { throw CommandFailure(description: "cannot write \(path): errno \(errno)") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw CommandFailure(description: "cannot write \(path): errno \(errno)")
    }
    return path
  }

  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(text.utf8, to: name)
  }

  /// What a file holds; nothing if there is none.
  public func read(_ name: String) -> [UInt8] {
    guard let file = fopen(path(of: name), "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes
  }
}
