// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Netlink
import Provisioning
import SystemPackage
import Wire

extension HostPicture {
  /// This host, in the calling thread's network namespace, as far as `expectation` is about it.
  init(of expectation: Expectation) throws {
    let netlink = try NetlinkConnection()
    links = try netlink.links()
    addresses = try netlink.addresses()
    routes = try netlink.routes()
    rules = try netlink.rules()
    settings = Self.settings(links.map(\.name))
    sockets = Self.sockets()
    firewall = Firewall.ofThisHost()
    ports = (try? FOUConnection()?.ports()) ?? []
    offloads = try Self.offloads(expectation.interfaces)
    decapsulator = try AttachedProgram(expectation, links)
    connections = Self.connections()
    ownsLimits = Self.mayChangeLimits()
    for way in expectation.answerWays {
      answers[way] = Self.answer(way, netlink)
      ownSources[way.destination] = try? netlink.route(to: way.destination).preferredSource
    }
    do {
      probes = try Experiment(expectation, self)?.run() ?? []
    } catch {
      probeRefusal = "\(error)"
    }
  }

  private static func settings(_ links: [String]) -> [String: String] {
    var found: [String: String] = [:]
    for link in links + ["all", "default"] {
      let paths =
        ["rp_filter", "arp_ignore", "arp_announce"].map { "net/ipv4/conf/\(link)/\($0)" }
        + ["net/ipv6/conf/\(link)/disable_ipv6"]
      for path in paths { found[path] = try? Sysctl(path).read() }
    }
    return found
  }

  private static func sockets() -> [OpenSocket] {
    ServicePort.ProtocolName.allCases.flatMap { name in
      ["", "6"].flatMap { version in
        let table = try? TextFile.read(FilePath("/proc/thread-self/net/\(name.rawValue)\(version)"))
        return OpenSocket.all(name, in: table ?? "")
      }
    }
  }

  private static func offloads(_ interfaces: [String]) throws -> [String: Offloads] {
    var found: [String: Offloads] = [:]
    for name in interfaces {
      let checksums = try? InterfaceFeature.named("tx-checksum-ip-generic", on: name)
      let segmentation = try? InterfaceFeature.named("tx-tcp-segmentation", on: name)
      found[name] = Offloads(
        sendsUnfinishedChecksums: checksums?.isOn == true,
        segmentationIsForbidden: segmentation.map { !$0.isOn && !$0.isChangeable } ?? false)
    }
    return found
  }

  private static func connections() -> Connections? {
    func number(_ name: String) -> Int? { (try? Sysctl("net/netfilter/\(name)").read()).flatMap { Int($0) } }
    guard let count = number("nf_conntrack_count"), let limit = number("nf_conntrack_max") else { return nil }
    return Connections(count: count, limit: limit)
  }

  /// The kernel lets nobody write limits of the machine but in its first network namespace.
  private static func mayChangeLimits() -> Bool {
    unsafe access("/proc/sys/net/netfilter/nf_conntrack_max", W_OK) == 0
  }

  private static func answer(_ way: AnswerWay, _ netlink: NetlinkConnection) -> AnswerRoute {
    do {
      return .found(try netlink.route(to: way.destination, from: way.source))
    } catch {
      return .refused("\(error.errno)")
    }
  }
}
