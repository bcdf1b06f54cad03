// SPDX-License-Identifier: MIT
import Linux

/// Whether this process may make network namespaces and change links in them.
public var canMakeNetworkNamespaces: Bool {
  Capability.sysAdmin.isEffective && Capability.netAdmin.isEffective
}

/// Runs `body` in a fresh network namespace on a thread of its own; nothing in it outlives the call.
public func withNetworkNamespace<Success>(_ body: () throws -> Success) throws -> Success {
  try NetworkNamespace.runInFresh(body)
}
