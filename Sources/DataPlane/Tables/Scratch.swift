// SPDX-License-Identifier: MIT

/// Memory for `Environment.settle`. 256 bytes, one row for each CPU.
public struct Scratch: Sendable, BitwiseCopyable {
  private let words = InlineArray<32, UInt64>(repeating: 0)
}
