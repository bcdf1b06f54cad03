// SPDX-License-Identifier: MIT
internal import CLibbpf
internal import Glibc
internal import Linux
internal import SystemPackage

// What maps, programs and links have in common.

/// Reads the kernel's description of the object behind a descriptor. The kernel fills as much as it knows of `info`.
func readInfo<Info>(_ number: CInt, into info: inout Info, what: String) throws(BPFError) {
  var size = UInt32(MemoryLayout<Info>.size)
  let result = unsafe withUnsafeMutableBytes(of: &info) { unsafe bpf_obj_get_info_by_fd(number, $0.baseAddress, &size) }
  try checked(result, "asking the kernel about \(what)")
}

/// What a pin can hold, by what the kernel calls its descriptors.
enum ObjectKind: String {
  case map, link
  case program = "prog"
}

/// Opens what is pinned at `path`, which must be of this kind: the kernel opens whatever it finds.
func openPin(_ kind: ObjectKind, at path: String) throws(BPFError) -> OwnedDescriptor {
  let operation = "opening the \(kind) pinned at \(path)"
  let owner = OwnedDescriptor(owning: FileDescriptor(rawValue: try checked(unsafe bpf_obj_get(path), operation)))
  // Such as "anon_inode:bpf-map". Without /proc, the caller's calls will say what is wrong.
  let name = descriptorName(owner.rawValue)
  guard name.isEmpty || name.hasSuffix(kind.rawValue) else {
    throw BPFError(operation, .invalidArgument, hint: "what is pinned there is \(name), not a \(kind)")
  }
  return owner
}

private func descriptorName(_ number: CInt) -> String {
  unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
    guard let text = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress else { return "" }
    let length = unsafe readlink("/proc/self/fd/\(number)", text, buffer.count)
    return unsafe String(kernelName: UnsafeRawBufferPointer(rebasing: buffer.prefix(max(length, 0))))
  }
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
