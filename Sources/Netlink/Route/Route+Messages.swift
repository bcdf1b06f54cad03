// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension Route {
  /// Reads a route message; `nil` if it is of another family than IP.
  init?(_ message: Message) throws(MalformedMessage) {
    let header = try message.header(rtmsg.self)
    guard let version = IPVersion(family: header.rtm_family) else { return nil }
    self.init(
      destination: version.everything, table: RouteTable(rawValue: UInt32(header.rtm_table)),
      protocol: RouteProtocol(rawValue: header.rtm_protocol), scope: RouteScope(rawValue: header.rtm_scope),
      type: RouteType(rawValue: header.rtm_type), isOnLink: header.rtm_flags & UInt32(RTNH_F_ONLINK) != 0)
    var attributes = message.attributes(RouteAttribute.self, after: rtmsg.self)
    var destination = version.everything.address
    var hops: [UInt8] = []
    while let attribute = attributes.next() {
      switch attribute {
      case .destination: destination = attributes.address()
      case .multipath: hops = attributes.data()
      default: read(attribute, from: &attributes)
      }
    }
    try attributes.finish()
    try read(NextHops(hops))
    guard let prefix = IPPrefix(address: destination, length: Int(header.rtm_dst_len)) else {
      throw MalformedMessage("a route to \(destination) with a prefix of \(header.rtm_dst_len) bits")
    }
    self.destination = prefix
  }

  private mutating func read(_ several: NextHops) {
    nextHops = several.hops
    encapsulates = encapsulates || several.encapsulates
  }

  private mutating func read(_ attribute: RouteAttribute, from reader: inout AttributeReader<RouteAttribute>) {
    switch attribute {
    case .gateway: gateway = reader.address()
    // An address of the other version, after its family in two bytes.
    case .via: gateway = IPAddress(bytes: Array(reader.data().dropFirst(2)))
    case .interface: interface = InterfaceIndex(message: reader.integer(UInt32.self))
    case .table: table = RouteTable(rawValue: reader.integer())
    case .preferredSource: preferredSource = reader.address()
    case .encapsulation: encapsulates = true
    case .priority: priority = reader.integer()
    case .metrics: metrics = RouteMetrics(from: &reader)
    default: break
    }
  }
}

extension RouteMetrics {
  fileprivate init(from reader: inout AttributeReader<RouteAttribute>) {
    var metrics = RouteMetrics()
    reader.nested(RouteMetricAttribute.self) { attribute, reader in
      switch attribute {
      case .mtu: metrics.mtu = reader.integer()
      case .advertisedMSS: metrics.advertisedMSS = reader.integer()
      default: break
      }
    }
    self = metrics
  }

  fileprivate func write(to message: inout AttributeWriter<RouteAttribute>) {
    guard mtu != nil || advertisedMSS != nil else { return }
    message.nest(.metrics, RouteMetricAttribute.self) { metrics in
      if let advertisedMSS { metrics.put(.advertisedMSS, advertisedMSS) }
      if let mtu { metrics.put(.mtu, mtu) }
    }
  }
}

extension Request {
  static func addRoute(_ route: Route, replacing: Bool) throws(NetlinkError) -> Request {
    let flags: MessageFlags = [.create, replacing ? .replace : .exclusive]
    return try self.route("add route to \(route.destination)", .newRoute, flags, route)
  }

  static func deleteRoute(_ route: Route) throws(NetlinkError) -> Request {
    try self.route("remove route to \(route.destination)", .deleteRoute, [], route)
  }

  /// All routes of one version, narrowed down by kernels that can (4.20).
  static func routes(
    _ version: IPVersion, table: RouteTable?, protocol: RouteProtocol?
  ) throws(NetlinkError) -> Request {
    var header = rtmsg()
    header.rtm_family = version.family
    header.rtm_protocol = `protocol`?.rawValue ?? 0
    return try Request("list routes", .getRoute, .dump, header: header) {
      (message: inout AttributeWriter<RouteAttribute>) in
      if let table { message.put(.table, table.rawValue) }
    }
  }

  static func resolve(_ destination: IPAddress, from source: IPAddress?) throws(NetlinkError) -> Request {
    var header = rtmsg()
    header.rtm_family = destination.version.family
    header.rtm_dst_len = UInt8(destination.version.addressWidth)
    header.rtm_src_len = source.map { UInt8($0.version.addressWidth) } ?? 0
    // Asks for the table where the route stands; IPv6 tells it anyway and refuses the flag.
    header.rtm_flags = destination.version == .v4 ? UInt32(RTM_F_LOOKUP_TABLE) : 0
    return try Request("find a route to \(destination)", .getRoute, header: header) {
      (message: inout AttributeWriter<RouteAttribute>) in
      message.put(.destination, destination)
      if let source { message.put(.source, source) }
    }
  }

  private static func route(
    _ verb: String, _ type: MessageType, _ flags: MessageFlags, _ route: Route
  ) throws(NetlinkError) -> Request {
    var header = rtmsg()
    header.rtm_family = route.destination.address.version.family
    header.rtm_dst_len = UInt8(route.destination.length)
    header.rtm_table = route.table.headerValue
    header.rtm_protocol = route.protocol.rawValue
    header.rtm_scope = route.scope.rawValue
    header.rtm_type = route.type.rawValue
    header.rtm_flags = route.isOnLink ? UInt32(RTNH_F_ONLINK) : 0
    let throughLink = route.interface.map { _ in "\(verb) through" } ?? verb
    return try Request(throughLink, link: route.interface, type, flags, header: header) { message in
      write(route, to: &message)
    }
  }

  private static func write(_ route: Route, to message: inout AttributeWriter<RouteAttribute>) {
    let version = route.destination.address.version
    if route.destination.length > 0 { message.put(.destination, route.destination.address) }
    if let gateway = route.gateway {
      if gateway.version == version {
        message.put(.gateway, gateway)
      } else {
        // struct rtvia: the family as a number in host order, then the address.
        message.put(.via, [gateway.version.family, 0].inHostOrder + gateway.bytes)
      }
    }
    if !route.table.fitsHeader { message.put(.table, route.table.rawValue) }
    if !route.nextHops.isEmpty { message.put(.multipath, NextHops.bytes(route.nextHops, version: version)) }
    if let interface = route.interface { message.put(.interface, interface.rawValue) }
    if let source = route.preferredSource { message.put(.preferredSource, source) }
    if let priority = route.priority { message.put(.priority, priority) }
    route.metrics.write(to: &message)
  }
}

extension [UInt8] {
  /// Little-endian bytes in the order of this machine.
  fileprivate var inHostOrder: [UInt8] { 1.littleEndian == 1 ? self : reversed() }
}
