#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes what the data plane is to make of frames, as scapy has it: no code of
Culvert's takes part. Needs Debian's python3-scapy.

usage: make-golden.py DIRECTORY

Into DIRECTORY go frames.txt, a line for each frame, and the configurations
that they are for: plain.yaml and others. In tagged.yaml packets to servers
leave with a VLAN tag.
"""

import dataclasses
import pathlib
import struct
import sys

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply,
                                ICMPv6EchoRequest, ICMPv6PacketTooBig, IPv6,
                                IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop)
from scapy.layers.sctp import SCTP, SCTPChunkCookieAck
from scapy.packet import Raw, raw

import tunnels
from tunnels import MTU, Flow, link

VIPS = tunnels.VIPS
CLIENTS = {4: "198.51.100.7", 6: "2001:db8:c::7"}
ROUTERS = {4: "192.0.2.77", 6: "2001:db8:77::1"}
DIRECTOR, ROUTER = "02:00:00:00:00:02", "02:00:00:00:00:03"
HOP_LIMIT = 64
CLOSED_PORT = 9
ODD_PAYLOAD = Raw(b"culvert")


def ip(family, source, destination, tos=0, **fields):
    """An IP header; IPv4's identification is not 0, nor IPv6's flow label."""
    if family == 4:
        return IP(src=source, dst=destination, tos=tos, **{"id": 0x1234, "flags": "DF", "ttl": 57, **fields})
    return IPv6(src=source, dst=destination, tc=tos, **{"fl": 0x12345, "hlim": 57, **fields})


def arriving(packet, family, tags=()):
    return link(DIRECTOR, ROUTER, family, tags) + raw(packet)


def leaving(packet, family, tags=()):
    """An answer: it goes back to where its cause came from."""
    return link(ROUTER, DIRECTOR, family, tags) + raw(packet)


class Flows:
    """A client port that was not used yet, for each flow."""

    def __init__(self):
        self.port = 40000

    def next(self, family, port, protocol):
        self.port += 1
        return Flow(CLIENTS[family], self.port, VIPS[family], port, protocol, service_port=port)


def tcp(family, flow, tos=0, ip_options=(), extensions=None, **fields):
    segment = TCP(sport=flow.client_port, dport=flow.port, seq=1000, **{
        "flags": "S", "options": [("MSS", 1460), ("SAckOK", b"")], **fields})
    return with_extras(family, flow, tos, ip_options, extensions) / segment


def udp(family, flow, tos=0, ip_options=(), extensions=None, payload=ODD_PAYLOAD, **fields):
    datagram = UDP(sport=flow.client_port, dport=flow.port, **fields)
    return with_extras(family, flow, tos, ip_options, extensions) / datagram / payload


def with_extras(family, flow, tos, ip_options, extensions):
    header = ip(family, flow.client, flow.address, tos)
    if ip_options:
        header.options = list(ip_options)
    return header if extensions is None else header / extensions


def icmp_error(family, flow, ip_options=(), extensions=None):
    """From a router, about a packet of the service's, of which 8 bytes behind
    the headers of IP are quoted."""
    transport = (TCP if flow.protocol == 6 else UDP)(sport=flow.port, dport=flow.client_port)
    reverse = dataclasses.replace(flow, client=flow.address, address=flow.client)
    headers = with_extras(family, reverse, 0, ip_options, extensions)
    quoted = Raw(raw(headers / transport / Raw(bytes(1400)))[:len(headers) + 8])
    error = ICMP(type=3, code=4, nexthopmtu=1400) if family == 4 else ICMPv6PacketTooBig(mtu=1400)
    return ip(family, ROUTERS[family], flow.address) / error / quoted


def matrix(inner):
    """What goes through every tunnel: name, protocol, and how it is made."""
    yield "tcp", 6, lambda flow: tcp(inner, flow)
    yield "udp", 17, lambda flow: udp(inner, flow)
    yield "icmp-error", 6, lambda flow: icmp_error(inner, flow)


def variations(inner):
    """The same, of packets that are out of the ordinary."""
    yield "icmp-error-udp", 17, lambda flow: icmp_error(inner, flow)
    for tos in 0x01, 0x03, 0xBA:
        yield f"tos-{tos:02x}", 6, lambda flow, tos=tos: tcp(inner, flow, tos, flags="A", options=[])
    if inner == 4:
        options = [IPOption_Router_Alert()]
        yield "options", 6, lambda flow: tcp(4, flow, ip_options=options)
        yield "icmp-error-options", 6, lambda flow: icmp_error(4, flow, ip_options=options)
        yield "no-checksum", 17, lambda flow: udp(4, flow, chksum=0)
    else:
        both = IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()
        yield "extensions", 6, lambda flow: tcp(6, flow, extensions=both)
        yield "icmp-error-extensions", 6, lambda flow: icmp_error(6, flow, extensions=both)


# Of these no outer UDP checksum follows without reading the payload.
UNSUMMED = ("extensions", "no-checksum", "sctp", "esp", "fragment-first", "fragment-later")
TAGS = {"vlan": [(0x8100, 5)], "vlans": [(0x88A8, 5), (0x8100, 6)]}


def sent(key, members, shapes, flows, prefix=""):
    """Cases of packets that go to a server, through each tunnel of `members`."""
    for tunnel in members:
        for inner in filter(tunnel.carries, (4, 6)):
            for name, protocol, make in shapes(inner):
                flow = flows.next(inner, tunnel.service_port, protocol)
                yield case(f"{prefix}{inner}in{tunnel.outer}-{tunnel.name}-{name}", key,
                           tunnel, flow, make(flow), inner, sums_up=name not in UNSUMMED)


def case(name, key, tunnel, flow, packet, inner, sums_up=True, tags=(), padding=b""):
    traffic_class = packet.tos if inner == 4 else packet.tc
    expected = tunnels.encapsulated(key, tunnel, flow, raw(packet), inner, traffic_class, sums_up)
    return name, key, "sent", arriving(packet, inner, tags) + padding, expected + padding


def framings(flows):
    """VLAN tags on arrival, which are left behind, and padding, which stays."""
    for tunnel in tunnels.BASIC:
        inner = tunnel.outer
        for name, tags in TAGS.items():
            flow = flows.next(inner, tunnel.service_port, 6)
            yield case(f"{name}-in-{inner}in{inner}-{tunnel.name}", "plain", tunnel, flow,
                       tcp(inner, flow), inner, tags=tags)
    flow = flows.next(4, tunnels.BASIC[0].service_port, 6)
    yield case("padding-4in4-ipip", "plain", tunnels.BASIC[0], flow,
               tcp(4, flow, options=[]), 4, padding=bytes(6))


def zeros(flows):
    """Packets whose outer UDP checksum comes to 0, and is sent as 0xFFFF."""
    for tunnel in tunnels.CHECKED:
        for inner in 4, 6:
            found = (zero(tunnel, inner, flows, attempt) for attempt in range(32))
            yield next(filter(None, found))


def zero(tunnel, inner, flows, attempt):
    """What the client's port changes in the client's packet, its checksum evens
    out. So the outer one follows the tunnel's source port alone, which follows
    the client's. None where none does."""
    flow = flows.next(inner, tunnel.service_port, 17)
    if inner == 4:
        flow = dataclasses.replace(flow, client=f"198.18.{8 * attempt}.7")
    made = zero_case(tunnel, inner, flow, attempt)
    wanted = (flow.source_port + outer_checksum(tunnel, made)) % 0xFFFF
    hasher = flow.hasher
    ports = range(1024, 40000) if wanted >= 49152 else ()
    port = next((port for port in ports if tunnels.source_port(hasher(port)) == wanted), None)
    if port is None:
        return None
    made = zero_case(tunnel, inner, dataclasses.replace(flow, client_port=port), attempt)
    assert outer_checksum(tunnel, made) == 0xFFFF, made
    return made


def zero_case(tunnel, inner, flow, attempt):
    packet = udp(inner, flow)
    if inner == 6:
        packet.fl = attempt << 11
    return case(f"{inner}in{tunnel.outer}-{tunnel.name}-zero", "plain", tunnel, flow, packet, inner)


def outer_checksum(tunnel, made):
    offset = 14 + (20 if tunnel.outer == 4 else 40) + 6
    return struct.unpack_from("!H", made[-1], offset)[0]


def others(flows):
    """Protocols of which nothing is known but their ports, if they have any;
    and fragments, of which the first alone has them."""
    for inner, tunnel in tunnels.OTHER_WAYS.items():
        for name, flow, packet in [*other_packets(inner, flows), *fragments(inner, flows)]:
            yield case(f"{inner}in{tunnel.outer}-{tunnel.name}-{name}", "other", tunnel, flow,
                       packet, inner, sums_up=name not in UNSUMMED)


def other_packets(inner, flows):
    protocol, port = tunnels.OTHERS["sctp"]
    flow = flows.next(inner, port, protocol)
    chunk = SCTP(sport=flow.client_port, dport=port, tag=7) / SCTPChunkCookieAck()
    yield "sctp", flow, ip(inner, flow.client, flow.address) / chunk
    protocol, port = tunnels.OTHERS["esp"]
    flow = flows.next(inner, port, protocol).without_ports
    number = {"proto" if inner == 4 else "nh": protocol}
    yield "esp", flow, ip(inner, flow.client, flow.address, **number) / Raw(bytes(range(32)))


def fragments(inner, flows):
    protocol, port = tunnels.OTHERS["udp"]
    flow = flows.next(inner, port, protocol)
    datagram = raw(UDP(sport=flow.client_port, dport=port, len=48) / Raw(bytes(40)))
    if inner == 4:
        part = ip(4, flow.client, flow.address, proto=protocol, flags="MF")
        yield "fragment-first", flow, part / Raw(datagram[:24])
        part = ip(4, flow.client, flow.address, proto=protocol, flags=0, frag=3)
    else:
        part = ip(6, flow.client, flow.address) / IPv6ExtHdrFragment(nh=protocol, id=9, m=1)
        yield "fragment-first", flow, part / Raw(datagram[:24])
        part = ip(6, flow.client, flow.address) / IPv6ExtHdrFragment(nh=protocol, id=9, offset=3)
    yield "fragment-later", flow.without_ports, part / Raw(datagram[24:])


def answer_header(family, **fields):
    """The IP header of what the director says itself."""
    header = ip(family, VIPS[family], CLIENTS[family], **fields)
    if family == 4:
        header.id, header.ttl = 0, HOP_LIMIT
    else:
        header.fl, header.hlim = 0, HOP_LIMIT
    return header


def answers(flows):
    for family in 4, 6:
        for name, tags in {"": [], **TAGS}.items():
            suffix = f"-{name}" if name else ""
            for verdict, cause, answer in [*echoes(family), *refusals(family, flows, CLOSED_PORT)]:
                yield (f"v{family}-{verdict}{suffix}", "plain", verdict.split("-")[0],
                       arriving(cause, family, tags), leaving(answer, family, tags))
        yield from too_big(family, flows)


def echoes(family):
    """Everything but addresses, time to live and type stays."""
    fields = {"id": 7, "seq": 1}
    request, reply = (ICMP(type=8, **fields), ICMP(type=0, **fields)) if family == 4 \
        else (ICMPv6EchoRequest(**fields), ICMPv6EchoReply(**fields))
    yield ("echoReply", ip(family, CLIENTS[family], VIPS[family], 0x20) / request / ODD_PAYLOAD,
           ip(family, VIPS[family], CLIENTS[family], 0x20,
              **{"ttl" if family == 4 else "hlim": HOP_LIMIT}) / reply / ODD_PAYLOAD)


def unserved(flows):
    """Of a service whose servers are all down."""
    for family in 4, 6:
        for verdict, cause, answer in refusals(family, flows, tunnels.UNSERVED_PORT):
            yield (f"v{family}-{verdict}-unserved", "plain", verdict.split("-")[0],
                   arriving(cause, family), leaving(answer, family))


def refusals(family, flows, port):
    yield from resets(family, flows, port)
    yield from unreachable(family, flows, port)


def resets(family, flows, port):
    """RFC 9293, 3.10.7.1: SYN and FIN count as a byte of data each."""
    segments = [("syn", "S", b"", 1), ("fin", "F", b"culvert", 8), ("data", "", b"data", 4)]
    for name, flags, data, length in segments:
        flow = flows.next(family, port, 6)
        yield (f"portReset-{name}", tcp(family, flow, flags=flags, ack=0) / Raw(data),
               answer_header(family) / TCP(sport=port, dport=flow.client_port, flags="RA",
                                           seq=0, ack=1000 + length, window=0))
    flow = flows.next(family, port, 6)
    yield ("portReset-ack", tcp(family, flow, flags="PA", ack=77) / ODD_PAYLOAD,
           answer_header(family) / TCP(sport=port, dport=flow.client_port, flags="R",
                                       seq=77, ack=0, window=0))


def quote(family, packet):
    """As much as reaches every host whole, in units of four bytes."""
    quoted = raw(packet)[:548 if family == 4 else 1232]
    return Raw(quoted[:len(quoted) // 4 * 4])


def unreachable(family, flows, port):
    error = ICMP(type=3, code=3) if family == 4 else ICMPv6DestUnreach(code=4)
    flow = flows.next(family, port, 17)
    for name, packet in [("", udp(family, flow)),
                         ("-options", udp(4, flow, ip_options=[IPOption_Router_Alert()]) if family == 4
                          else udp(6, flow, extensions=IPv6ExtHdrHopByHop()))]:
        yield f"portUnreachable{name}", packet, answer_header(family) / error / quote(family, packet)


def too_big(family, flows):
    """The client learns of the largest packet that the tunnel has room for;
    one that just fits is sent."""
    for tunnel in [tunnel for tunnel in tunnels.BASIC if tunnel.kind == "gue"]:
        room = MTU - tunnel.overhead
        headers = (20 if family == 4 else 40) + 8
        flow = flows.next(family, tunnel.service_port, 17)
        packet = udp(family, flow, payload=Raw(bytes(room - headers)))
        yield case(f"fits-{family}in{tunnel.outer}-gue", "plain", tunnel, flow, packet, family)
        packet = udp(family, flow, payload=Raw(bytes(room - headers + 1)))
        error = ICMP(type=3, code=4, nexthopmtu=room) if family == 4 else ICMPv6PacketTooBig(mtu=room)
        yield (f"v{family}-packetTooBig-{tunnel.name}-{tunnel.outer}", "plain", "packetTooBig",
               arriving(packet, family),
               leaving(answer_header(family) / error / quote(family, packet), family))


def cases():
    flows = Flows()
    yield from sent("plain", tunnels.TUNNELS, matrix, flows)
    yield from sent("plain", tunnels.BASIC + tunnels.CHECKED, variations, flows)
    yield from sent("range", tunnels.MEMBERS["range"], matrix, flows, "range-")
    yield from sent("tagged", tunnels.MEMBERS["tagged"], matrix, flows, "vlan-out-")
    yield from framings(flows)
    yield from zeros(flows)
    yield from others(flows)
    yield from answers(flows)
    yield from unserved(flows)


def main(directory):
    lines = ["# name, configuration, verdict, frame that arrives, frame that leaves; by make-golden.py"]
    lines += [" ".join([name, key, verdict, arrives.hex(), leaves.hex()])
              for name, key, verdict, arrives, leaves in cases()]
    (directory / "frames.txt").write_text("\n".join(lines) + "\n")
    for key in tunnels.SOURCES:
        text = "\n".join(["# By make-golden.py.", *tunnels.configuration(key)]) + "\n"
        (directory / f"{key}.yaml").write_text(text)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
