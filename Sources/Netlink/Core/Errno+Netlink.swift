// SPDX-License-Identifier: MIT
public import SystemPackage

extension Errno {
  /// There is no such link: what swift-system calls by its BSD meaning. The corresponding C constant is `ENODEV`.
  public static var noDevice: Errno { .operationNotSupportedByDevice }
}
