// SPDX-License-Identifier: MIT

/// What somebody wants of the tunnels in the calling thread's network namespace.
public enum TunnelRequest {
  /// The tunnel is to be there. One of this name that differs is refused; where something of it is missing, it is added.
  case add(TunnelSetup)
  /// The tunnel is to be there as the closure makes it. An MTU of nil is computed.
  case change(String, (inout TunnelSetup) throws -> Void)
  /// These tunnels are to be there, as they are given. Of the others, those that `culvert tunnel` made are removed if
  /// `pruning` says so.
  case apply([TunnelSetup], pruning: Bool)
  /// These tunnels are to be gone, with their addresses and the routes through them.
  case remove([String])
  /// No tunnel of `culvert tunnel` is to be left.
  case removeAll
}
