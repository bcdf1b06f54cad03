// SPDX-License-Identifier: MIT
public import BPF

extension BPFFileSystem {
  /// The BPF file system at `path`, mounted there first where the directory exists and is not one yet.
  public static func prepared(at path: String = usualPath) throws(BPFError) -> BPFFileSystem {
    try isMounted(at: path) ? BPFFileSystem(at: path) : mount(at: path)
  }
}
