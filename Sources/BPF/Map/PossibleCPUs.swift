// SPDX-License-Identifier: MIT
internal import SystemPackage

/// The processors that the kernel keeps a value for in per-CPU maps: those that could ever be plugged in.
enum PossibleCPUs {
  /// How many there are; it cannot change while the system runs.
  static let count = read() ?? 1

  private static func read() -> Int? {
    let path = FilePath("/sys/devices/system/cpu/possible")
    guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = try? file.closeAfter { unsafe try buffer.withUnsafeMutableBytes { unsafe try file.read(into: $0) } }
    return length.flatMap { count(inList: String(decoding: buffer[..<$0], as: UTF8.self)) }
  }

  /// The number of processors in a list such as `0-3,8`, the kernel's format for sets of processors.
  static func count(inList list: String) -> Int? {
    var total = 0
    for range in list.trimmingPrefix(while: \.isWhitespace).split(whereSeparator: { ",\n".contains($0) }) {
      let bounds = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first <= last else {
        return nil
      }
      total += last - first + 1
    }
    return total > 0 ? total : nil
  }
}
