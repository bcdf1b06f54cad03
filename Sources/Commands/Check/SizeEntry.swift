// SPDX-License-Identifier: MIT
import Probing

/// What became of probes of one size.
struct SizeEntry: Encodable {
  let bytes: Int
  let stage: String

  init(_ sized: SizedOutcome) {
    bytes = sized.bytes
    stage = "\(sized.outcome.stage)"
  }
}
