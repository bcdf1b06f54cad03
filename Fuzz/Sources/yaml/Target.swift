// SPDX-License-Identifier: MIT
import Yams

@testable import Configuration

/// What is read prints, and what was printed reads back equal; what is refused is refused for a reason and at a place.
@c
public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  // Other bytes are refused before the reader sees them; -1 keeps them out of the corpus.
  guard let text = String(validating: bytes, as: UTF8.self) else { return -1 }
  checkAnchors(text)
  do throws(ConfigurationError) {
    let read = try DirectorConfiguration.read(text: text, file: "input.yaml")
    check(read.warnings)
    checkPrinting(read.configuration)
  } catch {
    precondition(!error.problems.isEmpty, "refused without a problem")
    check(error.problems)
  }
  return 0
}

private func checkPrinting(_ configuration: DirectorConfiguration) {
  let printed = configuration.yaml
  do throws(ConfigurationError) {
    let again = try DirectorConfiguration.read(text: printed, file: "printed.yaml").configuration
    precondition(again == configuration, "what was printed means something else:\n\(printed)")
    precondition(again.yaml == printed, "printed a second time it looks different:\n\(printed)")
  } catch {
    fatalError("what was printed is refused: \(error)\n\(printed)")
  }
}

private func check(_ problems: [Problem]) {
  for problem in problems {
    precondition(problem.line >= 1 && problem.column >= 1, "a problem nowhere: \(problem)")
    precondition(!problem.description.contains(where: \.isNewline), "a problem of several lines: \(problem)")
  }
}

/// Where no anchor was found, the parser sees none either.
private func checkAnchors(_ text: String) {
  guard AnchorScanner.anchors(in: text).isEmpty,
    let parser = try? Parser(yaml: text, resolver: .basic, encoding: .utf8), let root = try? parser.singleRoot()
  else { return }
  // Nodes hold their anchors weakly; the parser has them.
  withExtendedLifetime(parser) { precondition(!hasAnchor(root), "an anchor was not found") }
}

private func hasAnchor(_ node: Node) -> Bool {
  guard node.anchor == nil else { return true }
  switch node {
  case .mapping(let mapping): return mapping.contains { hasAnchor($0.key) || hasAnchor($0.value) }
  case .sequence(let sequence): return sequence.contains(where: hasAnchor)
  case .scalar, .alias: return false
  }
}
