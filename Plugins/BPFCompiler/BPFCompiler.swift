// SPDX-License-Identifier: MIT
import Foundation
import PackagePlugin

/// Compiles the data plane for the kernel whenever its sources change, as `compile.sh` beside this file explains.
@main
struct BPFCompiler: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let sources = package.appending(path: "Sources")
    let script = package.appending(path: "Plugins/BPFCompiler/compile.sh")
    let output = context.pluginWorkDirectoryURL.appending(path: "ProgramsObject.swift")
    let tools = try context.tool(named: "swiftc").url.deletingLastPathComponent()
    return [
      .buildCommand(
        displayName: "Compiling the data plane for the kernel",
        executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, tools.path, sources.path, context.pluginWorkDirectoryURL.path, output.path],
        inputFiles: ["Wire", "DataPlane", "Programs"].flatMap { files(below: sources.appending(path: $0)) } + [script],
        outputFiles: [output])
    ]
  }

  private func files(below folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    return (all ?? []).filter { ["swift", "h", "modulemap"].contains($0.pathExtension) }
  }
}
