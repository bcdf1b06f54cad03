// SPDX-License-Identifier: MIT
import Glibc

/// A line that is written over and over, where the standard error is a terminal; nothing elsewhere.
struct ProgressLine {
  private let isVisible = isatty(STDERR_FILENO) == 1

  func show(_ text: String) {
    write("\r\u{1B}[K" + text.prefix(79))
  }

  func end() {
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    if isVisible { Output.progress(text) }
  }
}
