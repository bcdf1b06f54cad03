// SPDX-License-Identifier: MIT
import Control
import Glibc

extension ControlPeer {
  /// The user who runs the tests.
  static var own: UInt32 { geteuid() }
}
