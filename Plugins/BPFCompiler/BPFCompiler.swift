// SPDX-License-Identifier: MIT
import Foundation
import PackagePlugin

@main
struct BPFCompiler: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    for t in ["swiftc", "clang", "ld.lld", "sh"] {
      Diagnostics.warning("\(t): \(try? context.tool(named: t).url)")
    }
    return []
  }
}
