# SPDX-License-Identifier: MIT
"""The seeds of the fuzz target `netlink`: messages as the kernel sends them, by name."""

import struct


def attribute(kind, value):
    data = value if isinstance(value, bytes) else b"".join(value)
    padding = bytes(-len(data) % 4)
    return struct.pack("=HH", len(data) + 4, kind) + data + padding


def message(kind, body, flags=0):
    return struct.pack("=IHHII", len(body) + 16, kind, flags, 1, 0) + body


def number(kind, value):
    return attribute(kind, struct.pack("=I", value))


def link(attributes, family=0):
    header = struct.pack("=BxHiII", family, 1, 3, 0x11043, 0)
    return message(16, header + b"".join(attributes))


def kind_of_link(name, data=()):
    return attribute(18, [attribute(1, name + b"\0"), attribute(2, data)])


def addresses_of(family, first=2):
    length = 4 if family == 4 else 16
    return [attribute(first, bytes(length - 1) + b"\1"),
            attribute(first + 1, bytes(length - 1) + b"\2")]


def half(kind, value):
    return attribute(kind, struct.pack("=H", value))


def outer_ipv6(limit):
    """Limit, traffic class and label, flags, from the number of the first on."""
    return [attribute(limit, b"\4"), attribute(limit + 1, b"\x0b\x81\x23\x45"), number(limit + 2, 7)]


def in_udp(kind):
    """Format, options, source and destination port, from the number of the first on."""
    return [half(kind, 2), half(kind + 1, 7), half(kind + 2, 7), attribute(kind + 3, b"\x17\xc0")]


def links():
    common = [attribute(3, b"tun0\0"), number(4, 1480), attribute(20, b"alias\0"),
              attribute(1, bytes(6)), number(5, 2), number(10, 7),
              attribute(23, bytes(range(192))), number(27, 77)]
    yield "link", link(common)
    yield "bridge-port", link(common, family=7)
    yield "xdp", link([attribute(0x802B, [attribute(2, b"\1"), number(4, 42)])])
    yield "xdp-several", link([attribute(43, [attribute(2, b"\4"), number(5, 1), number(6, 2)])])
    for name, family in (b"ipip", 4), (b"sit", 4), (b"ip6tnl", 6):
        data = addresses_of(family) + [
            number(1, 3), attribute(4, b"@"), attribute(5, b"\1"), attribute(10, b"\1"),
            attribute(9, b"\4"), *in_udp(15)]
        if family == 6:
            data += outer_ipv6(6)
        yield name.decode(), link([kind_of_link(name, data)])
    for name, family in (b"gre", 4), (b"gretap", 4), (b"ip6gre", 6), (b"ip6gretap", 6):
        key = attribute(2, b"\x20\0")
        data = [number(1, 3), key, attribute(3, b"\x20\0"), number(4, 7), number(5, 8),
                *addresses_of(family, first=6), attribute(8, b"@"), attribute(9, b"\1"),
                attribute(10, b"\1"), *in_udp(14)]
        if family == 6:
            data += outer_ipv6(11)
        yield name.decode(), link([kind_of_link(name, data)])
    vxlan = [number(1, 42), number(3, 2), attribute(2, bytes(4)), attribute(4, bytes(4)),
             attribute(16, bytes(16)), attribute(17, bytes(16)), attribute(7, b"\1"),
             attribute(15, b"\x12\xb5")]
    yield "vxlan", link([kind_of_link(b"vxlan", vxlan)])
    yield "veth", link([kind_of_link(b"veth"), attribute(3, b"v0\0"), number(5, 9)])


def routes():
    for family, code in (4, 2), (6, 10):
        one, two = addresses_of(family)
        header = struct.pack("=8BI", code, 24, 0, 0, 254, 197, 0, 1, 0)
        metrics = attribute(8, [number(2, 1400), number(8, 1360)])
        hops = attribute(9, struct.pack("=HBBi", 16, 0, 1, 3) + attribute(5, one[4:8]))
        value = one[4:]
        body = [attribute(1, value), attribute(5, value), number(4, 3), number(6, 1024),
                number(15, 1000), attribute(7, value), metrics]
        yield f"route-{family}", message(24, header + b"".join(body))
        yield f"route-{family}-gone", message(25, header + b"".join(body))
        yield f"route-{family}-hops", message(24, header + hops)
        via = attribute(18, struct.pack("=H", 12 - code) + bytes(16 if family == 4 else 4))
        yield f"route-{family}-via", message(24, header + via)
        encap = attribute(22, [attribute(1, bytes(8)), number(2, 1)]) + attribute(21, b"\2\0")
        yield f"route-{family}-encap", message(24, header + encap)
        rule = struct.pack("=8BI", code, 24, 16, 0, 254, 0, 0, 1, 0)
        body = [attribute(1, value), attribute(2, value), number(6, 100), number(15, 1000),
                number(10, 1), number(16, 255), attribute(3, b"eth0\0"), attribute(17, b"e\0"),
                attribute(21, b"\xc5")]
        yield f"rule-{family}", message(32, rule + b"".join(body))


def neighbours():
    for family, code in (4, 2), (6, 10):
        value = addresses_of(family)[0][4:]
        header = struct.pack("=BxxxiHBB", code, 3, 2, 0, 1)
        body = attribute(1, value) + attribute(2, bytes(6))
        yield f"neighbour-{family}", message(28, header + body)
        yield f"neighbour-{family}-gone", message(29, header + body)
        header = struct.pack("=BBBBI", code, 24, 0x80, 0, 3)
        body = [attribute(1, value), attribute(2, value), attribute(3, b"eth0\0"),
                number(8, 0x80), attribute(11, b"\xc5")]
        yield f"address-{family}", message(20, header + b"".join(body))
        yield f"address-{family}-gone", message(21, header + b"".join(body))


def acknowledgements():
    request = struct.pack("=IHHII", 20, 16, 5, 1, 0) + bytes(4)
    text = attribute(1, b"Unknown device type\0") + number(2, 36)
    yield "success", message(2, struct.pack("=i", 0) + request[:16])
    yield "refusal", message(2, struct.pack("=i", -95) + request + text, 0x200)
    yield "refusal-capped", message(2, struct.pack("=i", -95) + request[:16] + text, 0x300)
    yield "done", message(3, struct.pack("=i", 0))
    yield "done-text", message(3, struct.pack("=i", -4) + text, 0x202)
    yield "refusal-least", message(2, struct.pack("=i", -2**31))
    yield "nothing", message(1, b"")


def datagrams():
    yield from links()
    yield from routes()
    yield from neighbours()
    yield from acknowledgements()
    two = dict(neighbours())
    yield "two", two["neighbour-4"] + two["neighbour-6"] + message(3, bytes(4))
    yield "cut", two["neighbour-4"][:-3]
    yield "negative-length", struct.pack("=IHHII", 2**31 + 16, 16, 0, 1, 0)
