// SPDX-License-Identifier: MIT
public import Wire

/// What surrounds the data plane: the packet, the tables and the clock.
///
/// In the kernel these are BPF's context, maps and helpers; on the host, plain memory. Used as `some Environment` only,
/// so that every call is direct. A pointer is valid until the packet has been dealt with.
public protocol Environment {
  /// The packet as it is now: taken anew after `growHead`.
  var packet: PacketBytes { get }

  /// Makes the packet `count` bytes longer at its head. False, and nothing changed, where there is no room.
  mutating func growHead(by count: Int) -> Bool

  /// Coarse monotonic time.
  var now: Tick { get }

  /// The service of exactly this key.
  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>?

  /// A slot, 0 to `slotCount` - 1, of a service.
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>?

  /// What an unsettled slot remembers.
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>?

  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>?

  /// The flow, if it is remembered.
  func flow(_ key: FlowKey) -> UnsafeMutablePointer<Flow>?

  /// Remembers a flow, over what was remembered of it. False where the table is full.
  mutating func remember(_ flow: Flow, for key: FlowKey) -> Bool

  /// Counts a packet sent to a destination; `bytes` are the client's.
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, opensConnection: Bool)

  /// Counts a packet that was not sent; service 0 where none is known.
  mutating func count(_ verdict: Verdict, ofService index: UInt32)
}
