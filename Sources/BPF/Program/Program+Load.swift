// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
public import SystemPackage

/// Why a program did not come into the kernel.
public enum LoadError: Error, Equatable, Sendable {
  /// The program refers to a map that the caller did not give.
  case missingMap(program: String, map: String)
  /// The verifier found fault with the program.
  case verifier(VerifierError)
  /// The kernel refused before it looked at the instructions, for lack of permission or memory.
  case refused(BPFError)
}

extension LoadError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingMap(let program, let map): "program \(program) needs a map \(map), which it was not given"
    case .verifier(let error): error.description
    case .refused(let error): error.description
    }
  }
}

extension Program {
  /// Verifies and compiles a program.
  ///
  /// `maps` gives descriptors on loan for the names in `spec.mapNames`; others are ignored. The program keeps its maps
  /// alive. `attachType` says what it will be attached to: a link replaces a program by one with the same. `license`
  /// decides which helpers the program may call.
  public static func load(
    _ spec: ProgramSpec, maps: [String: FileDescriptor] = [:], type: ProgramType = .xdp,
    attachType: AttachType = .unspecified, license: String = "Dual MIT/GPL"
  ) throws(LoadError) -> Program {
    let attempt = try LoadAttempt(spec, maps, type, attachType, license)
    let number = unsafe attempt.run(log: nil)
    guard number < 0 else { return Program(owning: number, name: spec.name) }
    throw attempt.explain(number, program: spec.name)
  }
}

extension Program {
  /// Bytes of stack that the verifier found a program to use, of 512 that there are; nil where the kernel does not tell
  /// (before Linux 5.2). Parameters as for ``load(_:maps:type:attachType:license:)``.
  public static func stackDepth(
    of spec: ProgramSpec, maps: [String: FileDescriptor] = [:], type: ProgramType = .xdp,
    attachType: AttachType = .unspecified, license: String = "Dual MIT/GPL"
  ) throws(LoadError) -> Int? {
    let attempt = try LoadAttempt(spec, maps, type, attachType, license)
    return attempt.statistics().flatMap(stackDepth(inLog:))
  }

  /// The sum of the numbers in "stack depth 128+64", one for each function.
  static func stackDepth(inLog log: String) -> Int? {
    guard let line = log.split(separator: "\n").first(where: { $0.hasPrefix("stack depth ") }) else { return nil }
    let numbers = line.dropFirst("stack depth ".count).split(separator: "+").map { Int($0) }
    return numbers.contains(nil) ? nil : numbers.reduce(0) { $0 + ($1 ?? 0) }
  }
}

/// One program's load, which is repeated for the verifier's log when it fails: writing the log takes time.
private struct LoadAttempt {
  let name: String
  let instructions: [UInt64]
  let type: ProgramType
  let attachType: AttachType
  let license: String

  /// What the verifier writes. The corresponding C constants are `BPF_LOG_LEVEL1` and `BPF_LOG_STATS`.
  enum Log: UInt32 {
    case instructions = 1
    case statistics = 4
  }

  init(
    _ spec: ProgramSpec, _ maps: [String: FileDescriptor], _ type: ProgramType, _ attachType: AttachType,
    _ license: String
  ) throws(LoadError) {
    for name in spec.mapNames where maps[name] == nil { throw .missingMap(program: spec.name, map: name) }
    name = String(decoding: spec.name.utf8.prefix(15), as: UTF8.self)
    instructions = spec.relocated { maps[$0]?.rawValue } ?? spec.instructions
    self.type = type
    self.attachType = attachType
    self.license = license
  }

  /// - Returns: a descriptor, or a negative error number.
  func run(log: UnsafeMutableBufferPointer<CChar>?, _ level: Log = .instructions) -> CInt {
    var options = unsafe bpf_prog_load_opts()
    unsafe options.sz = MemoryLayout<bpf_prog_load_opts>.size
    unsafe options.expected_attach_type = bpf_attach_type(rawValue: attachType.rawValue)
    if let log = unsafe log {
      unsafe options.log_level = level.rawValue
      unsafe options.log_buf = log.baseAddress
      unsafe options.log_size = UInt32(log.count)
    }
    return unsafe instructions.withUnsafeBytes { bytes in
      unsafe bpf_prog_load(
        bpf_prog_type(rawValue: type.rawValue), name, license, bytes.assumingMemoryBound(to: bpf_insn.self).baseAddress,
        instructions.count, &options)
    }
  }

  /// Loads once more, for the log, with more room as long as it does not suffice.
  func explain(_ result: CInt, program: String) -> LoadError {
    let refusal = BPFError("loading program \(program)", Errno(rawValue: -result))
    guard result != -EPERM, result != -ENOMEM else { return .refused(refusal) }
    // The largest log that Linux up to 5.1 accepts is one byte less than 16 MB.
    for size in [1 << 16, 1 << 20, 1 << 24 - 1] {
      guard let log = record(size: size), !log.isEmpty else { continue }
      return .verifier(VerifierError(program: program, errno: refusal.errno, log: log))
    }
    return .refused(refusal)
  }

  /// What the verifier counted in a program that it accepts.
  func statistics() -> String? { record(size: 1 << 16, .statistics) }

  /// - Returns: the log; nil if there is more of it than `size` and this is not the largest size.
  private func record(size: Int, _ level: Log = .instructions) -> String? {
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: size)
    unsafe buffer.initialize(repeating: 0)
    defer { unsafe buffer.deallocate() }
    let number = unsafe run(log: buffer, level)
    if number >= 0 { close(number) }
    if number == -ENOSPC, size < 1 << 24 - 1 { return nil }
    return unsafe String(kernelName: UnsafeRawBufferPointer(buffer))
  }
}
