// SPDX-License-Identifier: MIT
import Foundation

/// Programs compiled when the tests run, with the compilers of the Swift toolchain.
enum Toolchain {
  struct Failure: Error {
    var command: String
    var output: String
  }

  /// The bytes of the BPF object that the C text compiles to.
  static func object(c source: String) throws -> [UInt8] {
    try inTemporaryDirectory { directory in
      let input = directory + "/program.c"
      try Data((prelude + source).utf8).write(to: URL(filePath: input))
      try run("clang -target bpfel -mcpu=v3 -O2 -Wno-unused-function -c \(input) -o program.o", in: directory)
      return try bytes(directory + "/program.o")
    }
  }

  /// The bytes of the BPF object that the Swift text compiles to; `header` is C that it can import as `Kernel`.
  static func object(swift source: String, header: String, entry: String) throws -> [UInt8] {
    try inTemporaryDirectory { directory in
      try Data(source.utf8).write(to: URL(filePath: directory + "/program.swift"))
      try Data((prelude + header).utf8).write(to: URL(filePath: directory + "/kernel.h"))
      try Data("module Kernel { header \"kernel.h\" export * }".utf8)
        .write(to: URL(filePath: directory + "/module.modulemap"))
      let target = "-target riscv64-none-none-eabi"
      for command in [
        "swiftc \(target) -enable-experimental-feature Embedded -swift-version 6 -wmo -Ounchecked -parse-as-library"
          + " -Xcc -fno-builtin -Xfrontend -disable-stack-protector -module-name Program -I . -emit-ir -o p.ll"
          + " program.swift",
        "clang \(target) -c -emit-llvm -x ir -o p.bc p.ll",
        "ld.lld -m elf64lriscv --plugin-opt=emit-llvm --lto-O3 -e \(entry) -u \(entry)"
          + " --unresolved-symbols=ignore-all -o lto.bc p.bc",
        "clang -target bpfel -mcpu=v3 -O2 -c -x ir -o p.o lto.bc",
      ] {
        try run(command, in: directory)
      }
      return try bytes(directory + "/p.o")
    }
  }

  /// What the programs below use of linux/bpf.h.
  private static let prelude = """
    struct xdp_md { unsigned data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
    #define SECTION(name) __attribute__((section(name), used))
    #define INLINE static inline __attribute__((always_inline))
    INLINE void *lookup(void *map, const void *key) { return ((void *(*)(void *, const void *))1)(map, key); }

    """

  private static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path)))
  }

  /// Runs `command` in `directory`, where its temporary files are too: swiftc leaves a directory behind in every run.
  private static func run(_ command: String, in directory: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "TMPDIR=. && export TMPDIR && \(command)"]
    process.currentDirectoryURL = URL(filePath: directory)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(command: command, output: String(decoding: output, as: UTF8.self))
    }
  }
}

/// Runs `body` with the path of a new directory, which is removed afterwards.
func inTemporaryDirectory<T>(_ body: (String) throws -> T) throws -> T {
  let directory = FileManager.default.temporaryDirectory.appending(path: "culvert-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory.path())
}
