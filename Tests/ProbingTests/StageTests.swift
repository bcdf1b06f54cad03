// SPDX-License-Identifier: MIT
import Probing
import Testing

@Test func `stages stand in the order in which a probe passes them`() {
  #expect(Stage.allCases == Stage.allCases.sorted())
}
