// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import SystemPackage

// What maps, programs and links have in common.

/// Reads the kernel's description of the object behind a descriptor. The kernel fills as much as it knows of `info`.
func readInfo<Info>(_ number: CInt, into info: inout Info, what: String) throws(BPFError) {
  var size = UInt32(MemoryLayout<Info>.size)
  let result = unsafe withUnsafeMutableBytes(of: &info) { unsafe bpf_obj_get_info_by_fd(number, $0.baseAddress, &size) }
  try checked(result, "asking the kernel about \(what)")
}

/// Gives an object a name in a BPF file system.
func pinObject(_ number: CInt, at path: String, what: String) throws(BPFError) {
  let result = unsafe bpf_obj_pin(number, path)
  guard result < 0 else { return }
  let directory = FilePath(path).removingLastComponent().string
  let isSuitable = (try? BPFFileSystem.isMounted(at: directory)) ?? true
  throw BPFError(
    "pinning \(what) at \(path)", Errno(rawValue: -result),
    hint: isSuitable ? nil : "\(directory) is not in a BPF file system; /sys/fs/bpf usually is")
}

extension String {
  /// The text of a fixed-size field of the kernel's, up to its first zero.
  init(kernelName field: UnsafeRawBufferPointer) {
    unsafe self.init(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
