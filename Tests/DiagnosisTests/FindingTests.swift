// SPDX-License-Identifier: MIT
import Diagnosis
import Testing

@Test func `a finding is equal to one that says the same`() {
  let finding = Finding(number: 1, name: "device", verdict: .ok, found: "culvert0 is up")
  #expect(finding == Finding(number: 1, name: "device", verdict: .ok, found: "culvert0 is up"))
}
