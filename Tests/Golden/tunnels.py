# SPDX-License-Identifier: MIT
"""The configurations that the frames are for, and the headers in front of a
client's packet, as scapy writes them."""

import dataclasses
import ipaddress
import struct

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.packet import Raw, raw

from flowhash import flow_hasher, moremur, service_seed

VIPS = {4: "203.0.113.80", 6: "2001:db8:80::80"}
IP_IN_IP = {4: 4, 6: 41}
LINK_TYPES = {4: 0x0800, 6: 0x86DD}
EGRESS = "02:00:00:00:00:01"
MTU = 1500
VLAN = 42
# Outer sources, by configuration. Of a range, the host bits are a flow's own.
SOURCES = {
    "plain": {4: "192.0.2.10/32", 6: "2001:db8::10/128"},
    "range": {4: "192.0.2.16/28", 6: "2001:db8:50::/112"},
    "tagged": {4: "192.0.2.10/32", 6: "2001:db8::10/128"},
    "other": {4: "192.0.2.10/32", 6: "2001:db8::10/128"},
}


@dataclasses.dataclass(frozen=True)
class Tunnel:
    """A way to a real server; its services have the port of `number`."""
    number: int
    kind: str
    outer: int
    variation: str = ""
    key: int = 0
    port: int = 6080
    ttl: int = 64
    forbids_fragmentation: bool = True
    has_checksum: bool = False

    @property
    def name(self):
        return f"{self.kind}-{self.variation}" if self.variation else self.kind

    @property
    def server(self):
        prefix = "10.1.0." if self.outer == 4 else "2001:db8:1::"
        return f"{prefix}{self.number}"

    @property
    def service_port(self):
        return 8000 + self.number

    @property
    def overhead(self):
        if self.kind == "l2":
            return 0
        shim = {"ipip": 0, "gre": 4, "gre-key": 8, "gue": 12, "fou": 8}[self.kind]
        return shim + (20 if self.outer == 4 else 40)

    def carries(self, inner):
        return self.kind != "l2" or inner == self.outer


def _tunnels():
    kinds = ["ipip", "gre", "gre-key", "gue", "fou", "l2"]
    rows = [(kind, outer, {}) for kind in kinds for outer in (4, 6)]
    for kind in "gue", "fou":
        rows += [(kind, outer, {"variation": "checksum", "has_checksum": True})
                 for outer in (4, 6)]
    for outer in 4, 6:
        rows += [("ipip", outer, {"variation": "ttl", "ttl": 32})]
        rows += [("gue", outer, {"variation": "port", "port": 6081})]
    allow = {"variation": "divisible", "forbids_fragmentation": False}
    rows += [(kind, 4, allow) for kind in ("gre", "fou")]
    return [Tunnel(number, kind, outer, key=0xC0FFEE00 + number if kind == "gre-key" else 0, **more)
            for number, (kind, outer, more) in enumerate(rows, 1)]


TUNNELS = _tunnels()
BASIC = [tunnel for tunnel in TUNNELS if not tunnel.variation]
CHECKED = [tunnel for tunnel in TUNNELS if tunnel.has_checksum]
# By configuration; each has the services that its frames are for, and no more.
MEMBERS = {
    "plain": TUNNELS,
    "range": [tunnel for tunnel in BASIC if tunnel.kind in ("ipip", "gue")] + CHECKED,
    "tagged": [tunnel for tunnel in BASIC if tunnel.kind in ("gre", "l2")],
}


# A service of each protocol that refuses what no server takes: its only server
# is down.
UNSERVED_PORT = 8999

# Protocols of which nothing is summed up, and fragments: a service each for
# both virtual addresses, through a tunnel of the other family.
OTHERS = {"udp": (17, 8000), "sctp": (132, 9), "esp": (50, 0)}
OTHER_WAYS = {10 - tunnel.outer: tunnel for tunnel in CHECKED if tunnel.kind == "gue"}
MEMBERS["other"] = list(OTHER_WAYS.values())


@dataclasses.dataclass(frozen=True)
class Flow:
    """Of a client to a service, whose port it may not know."""
    client: str
    client_port: int
    address: str
    port: int
    protocol: int
    service_port: int

    @property
    def hasher(self):
        seed = service_seed(self.address, self.service_port, self.protocol)
        return flow_hasher(self.client, self.address, self.port, seed)

    @property
    def hash(self):
        return self.hasher(self.client_port)

    @property
    def source_port(self):
        """The tunnel's."""
        return source_port(self.hash)

    @property
    def without_ports(self):
        """As a later fragment has it."""
        return dataclasses.replace(self, client_port=0, port=0)


def source_port(flow_hash):
    return 49152 | flow_hash & 0x3FFF


def next_hop(server):
    """02:00, and the last four bytes of the server's address."""
    return ":".join(f"{byte:02x}" for byte in
                    b"\2\0" + ipaddress.ip_address(server).packed[-4:])


def link(destination, source, family, tags=()):
    """An Ethernet header with VLAN tags: pairs of EtherType and Dot1Q."""
    types = [kind for kind, _ in tags] + [LINK_TYPES[family]]
    frame = raw(Ether(dst=destination, src=source, type=types[0]))
    for (_, tag), following in zip(tags, types[1:]):
        frame += raw(Dot1Q(vlan=tag, type=following))
    return frame


def outer_source(key, family, flow):
    network = ipaddress.ip_network(SOURCES[key][family])
    return str(network.network_address + (flow.hash & int(network.hostmask)))


def identification(flow, inner, family):
    """Of an outer packet that may be divided: made of what the packets of a flow
    differ in. No IPv6 packet here has extension headers then."""
    word, transport = 0, 40
    if family == 4:
        transport = (inner[0] & 15) * 4
        offset = int.from_bytes(inner[6:8], "big") & 0x1FFF
        word = int.from_bytes(inner[4:6], "big") << 16 | offset
    if len(inner) >= transport + 8:
        word += int.from_bytes(inner[transport + 4:transport + 8], "big") << 13
    return moremur(flow.hash ^ word) >> 16 & 0xFFFF


def encapsulated(key, tunnel, flow, inner, family, traffic_class, sums_up):
    """The frame that leaves for the tunnel's server. `sums_up` says whether the
    outer UDP checksum can be known without reading the whole packet."""
    tags = [(0x8100, VLAN)] if key == "tagged" else []
    if tunnel.kind == "l2":
        return link(next_hop(tunnel.server), EGRESS, family, tags) + inner
    shim, protocol = _shim(tunnel, flow, inner, family, sums_up)
    addresses = {"src": outer_source(key, tunnel.outer, flow), "dst": tunnel.server}
    if tunnel.outer == 4:
        flags = "DF" if tunnel.forbids_fragmentation else 0
        number = 0 if tunnel.forbids_fragmentation else identification(flow, inner, family)
        ip = IP(tos=traffic_class, id=number, flags=flags, ttl=tunnel.ttl, proto=protocol, **addresses)
    else:
        ip = IPv6(tc=traffic_class, fl=flow.hash >> 12 & 0xFFFFF, hlim=tunnel.ttl, nh=protocol,
                  **addresses)
    return link(next_hop(tunnel.server), EGRESS, tunnel.outer, tags) + raw(ip / shim)


def _shim(tunnel, flow, inner, family, sums_up):
    """What stands behind the outer IP header, and its protocol number."""
    if tunnel.kind == "ipip":
        return Raw(inner), IP_IN_IP[family]
    if tunnel.kind == "gre":
        return GRE(proto=LINK_TYPES[family]) / Raw(inner), 47
    if tunnel.kind == "gre-key":
        return GRE(proto=LINK_TYPES[family], key_present=1, key=tunnel.key) / Raw(inner), 47
    gue = struct.pack("!BBH", 0, IP_IN_IP[family], 0) if tunnel.kind == "gue" else b""
    # None has scapy compute it.
    checksum = None if tunnel.has_checksum and sums_up else 0
    return UDP(sport=flow.source_port, dport=tunnel.port, chksum=checksum) / Raw(gue + inner), 17


def configuration(key):
    """The text of a configuration file."""
    members = MEMBERS[key]
    sources = ", ".join(f'"{source}"' for source in SOURCES[key].values())
    yield f"director: {{ interface: eth0, source: [{sources}] }}"
    yield "servers:"
    for tunnel in members:
        yield f"  s{tunnel.number}: {{ {', '.join(_settings(tunnel))} }}"
    if key == "plain":
        yield '  gone: { address: "10.1.0.99", encapsulation: ipip, state: down }'
    yield "virtual-addresses:"
    for address in VIPS.values():
        yield f'  - {{ address: "{address}", unconfigured-ports: reset }}'
    yield "services:"
    for inner, tunnel, protocol, port in _services(key):
        yield f"  {protocol}-{inner}in{tunnel.outer}-{tunnel.name}:"
        where = f", port: {port}" if port else ""
        yield (f'    {{ address: "{VIPS[inner]}"{where}, protocol: {protocol}, '
               f"servers: [s{tunnel.number}] }}")
    if key == "plain":
        yield from _unserved()


def _unserved():
    for family, address in VIPS.items():
        for protocol in "tcp", "udp":
            yield f"  {protocol}-unserved-{family}:"
            yield (f'    {{ address: "{address}", port: {UNSERVED_PORT}, protocol: {protocol}, '
                   "servers: [gone], all-down: reset }")


def _services(key):
    if key == "other":
        yield from ((inner, tunnel, protocol, port) for inner, tunnel in OTHER_WAYS.items()
                    for protocol, (_, port) in OTHERS.items())
        return
    for tunnel in MEMBERS[key]:
        for inner in filter(tunnel.carries, (4, 6)):
            yield from ((inner, tunnel, protocol, tunnel.service_port) for protocol in ("tcp", "udp"))


def _settings(tunnel):
    kind = "gre" if tunnel.kind == "gre-key" else tunnel.kind
    yield f'address: "{tunnel.server}", encapsulation: {kind}'
    if tunnel.key:
        yield f"key: {tunnel.key}"
    if tunnel.port != 6080:
        yield f"port: {tunnel.port}"
    if tunnel.ttl != 64:
        yield f"ttl: {tunnel.ttl}"
    if not tunnel.forbids_fragmentation:
        yield "fragmentation: allow"
    if tunnel.has_checksum:
        yield "udp-checksum: true"
