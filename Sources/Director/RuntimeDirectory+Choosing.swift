// SPDX-License-Identifier: MIT
import Linux
import SystemPackage

extension RuntimeDirectory {
  /// The directory of the director on `interface`, or of the only one there is.
  ///
  /// - Throws: An error for people where there is none, or where there are several to choose from.
  public init(below stateDirectory: String, choosing interface: String?) throws {
    try self.init(below: stateDirectory, interface: interface ?? Self.onlyInterface(below: stateDirectory))
  }

  /// The one that the director forwards on.
  public var interface: String { path.lastComponent?.string ?? "" }

  private static func onlyInterface(below stateDirectory: String) throws -> String {
    let interfaces = try interfaces(below: stateDirectory)
    guard let interface = interfaces.first else {
      throw DirectorError("no director runs here: \(stateDirectory) holds none; start one with culvert run")
    }
    guard interfaces.count == 1 else {
      throw DirectorError(
        "several directors run here: choose one with --interface \(interfaces.joined(separator: "|"))")
    }
    return interface
  }
}
