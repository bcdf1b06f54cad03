// SPDX-License-Identifier: MIT
import CLinux
import Glibc
public import SystemPackage

/// Memory from mmap(2) with one owner, unmapped when the owner goes.
@safe  // The pointer is valid as long as the value lives, and is given away only as `unsafe`.
public struct MemoryMapping: ~Copyable, @unchecked Sendable {  // Plain memory; who shares it orders its accesses.
  private let address: UnsafeMutableRawPointer
  /// The length in bytes.
  public let byteCount: Int

  /// What may be done with the memory.
  public enum Access: Hashable, Sendable {
    case readOnly
    case readWrite

    fileprivate var protection: CInt { self == .readOnly ? PROT_READ : PROT_READ | PROT_WRITE }
  }

  /// Maps `byteCount` bytes of `descriptor` from `offset` on, shared with everybody else who maps them.
  ///
  /// `offset` is a multiple of the page size. The descriptor may be closed afterwards.
  public init(
    _ descriptor: FileDescriptor, offset: Int = 0, byteCount: Int, access: Access = .readWrite
  ) throws(LinuxError) {
    try self.init(descriptor.rawValue, offset, byteCount, access, flags: MAP_SHARED)
  }

  /// Maps `byteCount` bytes of fresh zeroes, private to this process.
  ///
  /// There may be more of them than the machine has memory: only what is written takes any.
  public init(anonymous byteCount: Int) throws(LinuxError) {
    try self.init(-1, 0, byteCount, .readWrite, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
  }

  private init(_ descriptor: CInt, _ offset: Int, _ byteCount: Int, _ access: Access, flags: CInt) throws(LinuxError) {
    let mapped = unsafe mmap(nil, byteCount, access.protection, flags, descriptor, offset)
    guard let mapped = unsafe mapped, unsafe !linux_mapping_failed(mapped) else {
      throw LinuxError(operation: "map \(byteCount) bytes of memory", errno: .current)
    }
    unsafe address = mapped
    self.byteCount = byteCount
  }

  deinit {
    unsafe munmap(address, byteCount)
  }

  /// The memory itself, on loan. Do not write to a mapping made ``Access/readOnly``: the kernel ends the process.
  @unsafe public var buffer: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: address, count: byteCount)
  }

  /// Makes sure that the bytes in `range` can be written: where a file has no room left, a write would end the process.
  ///
  /// - Throws: ``LinuxError`` with `.badAddress` where they cannot. Kernels before 5.14 do not say so.
  public borrowing func reserve(_ range: Range<Int>) throws(LinuxError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "outside of the memory")
    let start = range.lowerBound & ~4095
    _ = try attempt("reserve \(range.count) bytes of memory") {
      unsafe linux_populate(address + start, range.upperBound - start)
    }
  }

  /// The memory to read, checked for bounds. For memory that nobody else changes meanwhile.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(address), byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
