// SPDX-License-Identifier: MIT
import Control
import Health
import HealthChecking

/// What other threads have to tell the director.
enum Message: Sendable {
  /// A check came to a new conclusion.
  case health(CheckTarget.Identity, TargetHealth)
  /// Somebody asks.
  case request(ControlRequest, from: ControlPeer, answer: @Sendable (ControlResponse) -> Void)
}
