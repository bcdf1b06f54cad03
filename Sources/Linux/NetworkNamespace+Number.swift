// SPDX-License-Identifier: MIT
import Glibc
import SystemPackage

extension NetworkNamespace {
  /// The kernel's number for the namespace, which no other one has while it lives: what `readlink /proc/self/ns/net`
  /// shows in brackets.
  public borrowing func number() throws(LinuxError) -> UInt64 {
    var status = stat()
    let number = borrowed.rawValue
    _ = try attempt("look at a network namespace") { unsafe fstat(number, &status) }
    return UInt64(status.st_ino)
  }
}
