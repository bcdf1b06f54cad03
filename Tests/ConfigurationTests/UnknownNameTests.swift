// SPDX-License-Identifier: MIT
import Testing

@testable import Configuration

@Suite struct `A name that there is not` {
  @Test(arguments: [
    ("a2", ["a1", "b1"], "there is no server \"a2\"; did you mean \"a1\"?"),
    ("sorry", ["b1", "a1", "b1"], "there is no server \"sorry\"; there are: a1, b1"),
    ("sorry", [], "there is no server \"sorry\"; there are: none"),
    (
      "sorry", (10...21).map { "node-\($0)" },
      """
      there is no server "sorry"; there are: node-10, node-11, node-12, node-13, node-14, node-15, node-16, node-17, \
      node-18, node-19, and 2 more
      """
    ),
  ])
  func `is told with what may have been meant`(_ name: String, _ known: [String], _ sentence: String) {
    #expect("\(UnknownName("server", name, among: known))" == sentence)
  }
}
