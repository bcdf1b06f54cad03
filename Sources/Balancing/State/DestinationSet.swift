// SPDX-License-Identifier: MIT
import DataPlane

/// A set of destinations that is asked often.
struct DestinationSet {
  private var isMember: [Bool]

  init(_ indices: Set<DestinationIndex>) {
    isMember = Array(repeating: false, count: Int(indices.map(\.rawValue).max() ?? 0) + 1)
    for index in indices { isMember[Int(index.rawValue)] = true }
  }

  func contains(_ index: DestinationIndex) -> Bool {
    Int(index.rawValue) < isMember.count && isMember[Int(index.rawValue)]
  }
}
