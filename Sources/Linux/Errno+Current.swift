// SPDX-License-Identifier: MIT
import Glibc
package import SystemPackage

extension Errno {
  /// The calling thread's `errno`: to be read right after the call that failed.
  package static var current: Errno { Errno(rawValue: Glibc.errno) }
}
