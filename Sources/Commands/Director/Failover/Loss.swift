// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import Configuration

/// What is taken to be down.
enum Loss: ExpressibleByArgument, CustomStringConvertible, Hashable {
  case site(String)
  case server(String)

  /// `site=B` or `server=a1`.
  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    switch (parts.count, parts.first) {
    case (2, "site"): self = .site(parts[1])
    case (2, "server"): self = .server(parts[1])
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .site(let name): "site=\(name)"
    case .server(let name): "server=\(name)"
    }
  }

  func covers(_ server: RealServer) -> Bool {
    switch self {
    case .site(let name): server.site == name
    case .server(let name): server.name == name
    }
  }

  /// Throws where nothing has that name.
  func check(against configuration: DirectorConfiguration) throws(UnknownName) {
    guard !configuration.servers.contains(where: covers) else { return }
    switch self {
    case .site(let name): throw UnknownName("site", name, among: configuration.servers.compactMap(\.site))
    case .server(let name): throw UnknownName("server", name, among: configuration.servers.map(\.name))
    }
  }
}
