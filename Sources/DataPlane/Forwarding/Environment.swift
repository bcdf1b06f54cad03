// SPDX-License-Identifier: MIT
public import Wire

/// What surrounds the data plane: the packet, the tables and the clock.
///
/// In the kernel these are BPF's context, maps and helpers; on the host, plain memory. Used as `some Environment` only,
/// so that every call is direct. A pointer is valid until the packet has been dealt with.
public protocol Environment {
  /// The packet as it is now: taken anew after `moveHead` and `trim`.
  var packet: PacketBytes { get }

  /// Makes the packet `count` bytes longer at its head, or shorter. False, and nothing changed, where there is no room.
  mutating func moveHead(by count: Int) -> Bool

  /// Cuts the packet off after `count` bytes. False, and nothing changed, where it has not so many.
  mutating func trim(to count: Int) -> Bool

  /// The same value of at most 256 bytes, from memory: of which the kernel's verifier knows nothing.
  ///
  /// It follows all that it knows on a path of its own. Where paths meet it is made to forget, or they would multiply.
  func settle<Value>(_ value: Value) -> Value

  /// Coarse monotonic time.
  var now: Tick { get }

  var settings: UnsafePointer<Settings>? { get }

  /// The service of exactly this key.
  func service(_ key: ServiceKey) -> UnsafePointer<ServiceEntry>?

  /// The prefix of exactly this key.
  func virtualAddress(_ key: PrefixKey) -> UnsafePointer<VirtualAddressEntry>?

  func portTable(_ key: PortTableKey) -> UnsafePointer<PortTable>?

  /// A word of the `SourceFilter`, 0 to 63.
  func sourceFilter(_ word: UInt32) -> UInt64

  /// A slot, 0 to `slotCount` - 1, of a service.
  func slot(_ number: UInt32, ofService index: UInt32) -> UnsafePointer<Slot>?

  /// What an unsettled slot remembers.
  func transition(_ number: UInt32, ofService index: UInt32) -> UnsafeMutablePointer<Transition>?

  func destination(_ index: DestinationIndex) -> UnsafePointer<Destination>?

  /// A bucket of flows, 0 to `Capacity.flowBuckets` - 1.
  func flows(_ bucket: UInt32) -> FlowBucket?

  /// A bucket of packets that come in fragments, 0 to `Capacity.fragmentBuckets` - 1.
  func fragments(_ bucket: UInt32) -> FlowBucket?

  /// What this CPU has done in the current tick.
  func allowance() -> UnsafeMutablePointer<Allowance>?

  /// Counts a packet sent to a destination; `bytes` are the client's.
  mutating func count(_ destination: DestinationIndex, bytes: UInt64, isNewFlow: Bool)

  /// Counts a packet that was not sent; service 0 where none is known.
  mutating func count(_ verdict: Verdict, ofService index: UInt32)
}
