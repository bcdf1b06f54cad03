// SPDX-License-Identifier: MIT

/// When the flows of a service are remembered one by one.
public enum Tracking: UInt8, Hashable, Sendable, CaseIterable {
  /// Never: a change of the table moves the flows of the slots that change.
  case none = 0
  /// In unsettled slots only: flows that began before a change stay where they are.
  case transitions = 1
  /// Always, as long as there is room: for conversations of protocols that do not mark their beginning.
  case always = 2
}
