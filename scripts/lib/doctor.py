#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of scripts/lib/doctor.sh.

  serve READY [tcp|udp ADDRESS PORT]...  answers; makes the file READY
  ask SECONDS [tcp|udp ADDRESS PORT]...  asks all of them, and prints "answered
                                         from ADDRESS mss NUMBER"; else fails
  arp DEVICE ADDRESS SECONDS             prints "answered" if a neighbour says
                                         that it has ADDRESS, "silent" if none
  sneak OWN END ADDRESS PORT SECONDS     asks by UDP in a tunnel from OWN to END
                                         that nobody agreed on; as arp
"""
import os
import pathlib
import selectors
import socket
import struct
import sys

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def opened(address, kind):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, KINDS[kind])
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return opened


def serve(ready, *places):
    selector = selectors.DefaultSelector()
    for kind, address, port in zip(*[iter(places)] * 3):
        server = opened(address, kind)
        server.bind((address, int(port)))
        if kind == "tcp":
            server.listen()
        selector.register(server, selectors.EVENT_READ)
    pathlib.Path(ready).write_text(str(os.getpid()))
    while True:
        for key, _ in selector.select():
            answer(key.fileobj)


def answer(server):
    try:
        if server.type == socket.SOCK_DGRAM:
            question, client = server.recvfrom(2048)
            server.sendto(question, client)
        else:
            connection, _ = server.accept()
            connection.close()
    except OSError:
        pass  # the client has given up


def ask(seconds, *places):
    for kind, address, port in zip(*[iter(places)] * 3):
        ask_one(kind, address, port, seconds)


def ask_one(kind, address, port, seconds):
    with opened(address, kind) as client:
        client.settimeout(float(seconds))
        if kind == "tcp":
            client.connect((address, int(port)))
            mss = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            print("answered from", client.getpeername()[0], "mss", mss)
            return
        # Not connected: answers from elsewhere are to be seen.
        client.sendto(b"question", (address, int(port)))
        _, server = client.recvfrom(2048)
        if server[0] != address:
            sys.exit(f"answered from {server[0]}, not from {address}")
        print("answered from", server[0], "mss 0")


def arp(device, address, seconds):
    """RFC 826, asked by broadcast."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                       socket.htons(0x0806)) as wire:
        wire.bind((device, 0x0806))
        wire.settimeout(float(seconds))
        own = wire.getsockname()[4]
        wanted = socket.inet_aton(address)
        wire.send(b"\xff" * 6 + own + b"\x08\x06" +
                  struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) +
                  own + bytes(4) + bytes(6) + wanted)
        try:
            while True:
                frame = wire.recv(2048)
                if frame[20:22] == b"\x00\x02" and frame[28:32] == wanted:
                    return print("answered")
        except TimeoutError:
            print("silent")


def sneak(own, end, address, port, seconds):
    """IPv4 in IPv4, the source inside being our own."""
    with opened(address, "udp") as client:
        client.bind((own, 0))
        client.settimeout(float(seconds))
        udp = struct.pack("!HHHH", client.getsockname()[1], int(port), 9, 0)
        packet = header(own, address, 17, len(udp) + 1) + udp + b"?"
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, 4) as tunnel:
            tunnel.bind((own, 0))
            tunnel.sendto(packet, (end, 0))
        try:
            client.recvfrom(2048)
            print("answered")
        except TimeoutError:
            print("silent")


def header(source, destination, protocol, length):
    fields = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, protocol,
                         0)
    fields += socket.inet_aton(source) + socket.inet_aton(destination)
    total = sum(struct.unpack("!10H", fields))
    total = (total & 0xffff) + (total >> 16)
    total = ~((total & 0xffff) + (total >> 16)) & 0xffff
    return fields[:10] + struct.pack("!H", total) + fields[12:]


COMMANDS = {"serve": serve, "ask": ask, "arp": arp, "sneak": sneak}
if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
    sys.exit(__doc__)
try:
    COMMANDS[sys.argv[1]](*sys.argv[2:])
except OSError as error:
    sys.exit(f"{error}")
