// SPDX-License-Identifier: MIT
import CLinux

/// What a message asks for or reports.
struct MessageType: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: some BinaryInteger) {
    rawValue = UInt16(truncatingIfNeeded: constant)
  }

  /// Nothing. The corresponding C constant is `NLMSG_NOOP`.
  static let nothing = Self(NLMSG_NOOP)
  /// A refusal, or an acknowledgement when its error is 0. The corresponding C constant is `NLMSG_ERROR`.
  static let error = Self(NLMSG_ERROR)
  /// The end of a dump. The corresponding C constant is `NLMSG_DONE`.
  static let done = Self(NLMSG_DONE)

  /// The corresponding C constant is `RTM_NEWLINK`.
  static let newLink = Self(RTM_NEWLINK)
  /// The corresponding C constant is `RTM_DELLINK`.
  static let deleteLink = Self(RTM_DELLINK)
  /// The corresponding C constant is `RTM_GETLINK`.
  static let getLink = Self(RTM_GETLINK)
  /// The corresponding C constant is `RTM_NEWADDR`.
  static let newAddress = Self(RTM_NEWADDR)
  /// The corresponding C constant is `RTM_DELADDR`.
  static let deleteAddress = Self(RTM_DELADDR)
  /// The corresponding C constant is `RTM_GETADDR`.
  static let getAddress = Self(RTM_GETADDR)
  /// The corresponding C constant is `RTM_NEWROUTE`.
  static let newRoute = Self(RTM_NEWROUTE)
  /// The corresponding C constant is `RTM_DELROUTE`.
  static let deleteRoute = Self(RTM_DELROUTE)
  /// The corresponding C constant is `RTM_GETROUTE`.
  static let getRoute = Self(RTM_GETROUTE)
  /// The corresponding C constant is `RTM_NEWRULE`.
  static let newRule = Self(RTM_NEWRULE)
  /// The corresponding C constant is `RTM_DELRULE`.
  static let deleteRule = Self(RTM_DELRULE)
  /// The corresponding C constant is `RTM_GETRULE`.
  static let getRule = Self(RTM_GETRULE)
  /// The corresponding C constant is `RTM_NEWNEIGH`.
  static let newNeighbour = Self(RTM_NEWNEIGH)
  /// The corresponding C constant is `RTM_DELNEIGH`.
  static let deleteNeighbour = Self(RTM_DELNEIGH)
  /// The corresponding C constant is `RTM_GETNEIGH`.
  static let getNeighbour = Self(RTM_GETNEIGH)
}

/// How a request is meant, or what a reply is part of. Some bits have two meanings, one in requests to get and one in
/// others.
struct MessageFlags: OptionSet, Hashable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  private init(_ constant: CInt) {
    rawValue = UInt16(truncatingIfNeeded: constant)
  }

  /// The corresponding C constant is `NLM_F_REQUEST`.
  static let request = Self(NLM_F_REQUEST)
  /// Answer even a success. The corresponding C constant is `NLM_F_ACK`.
  static let acknowledge = Self(NLM_F_ACK)
  /// All entries instead of one. The corresponding C constant is `NLM_F_DUMP`.
  static let dump = Self(NLM_F_ROOT | NLM_F_MATCH)
  /// The tables changed during the dump. The corresponding C constant is `NLM_F_DUMP_INTR`.
  static let dumpInterrupted = Self(NLM_F_DUMP_INTR)
  /// Refuse if it exists. The corresponding C constant is `NLM_F_EXCL`.
  static let exclusive = Self(NLM_F_EXCL)
  /// Make it if it is missing. The corresponding C constant is `NLM_F_CREATE`.
  static let create = Self(NLM_F_CREATE)
  /// Take the place of one that exists. The corresponding C constant is `NLM_F_REPLACE`.
  static let replace = Self(NLM_F_REPLACE)
  /// An error that repeats only the request's header. The corresponding C constant is `NLM_F_CAPPED`.
  static let capped = Self(NLM_F_CAPPED)
  /// An error followed by attributes. The corresponding C constant is `NLM_F_ACK_TLVS`.
  static let acknowledgementAttributes = Self(NLM_F_ACK_TLVS)
}
