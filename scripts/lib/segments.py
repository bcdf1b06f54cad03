#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a TCP server tells its clients: the largest segment they may send.

segments.py serve ADDRESS...   accepts connections, says "ready" when it does
segments.py ask ADDRESS...     connects to each, prints the MSS in the SYN-ACK
"""
import selectors
import socket
import sys

PORT = 8080
# Linux keeps 12 bytes of each segment for timestamps.
TIMESTAMPS = 12


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(addresses):
    waiting = selectors.DefaultSelector()
    for address in addresses:
        server = socket.create_server((address, PORT), family=family(address))
        waiting.register(server, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in waiting.select():
            key.fileobj.accept()[0].close()


def ask(addresses):
    sizes = []
    for address in addresses:
        with socket.create_connection((address, PORT), timeout=10) as client:
            size = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            sizes.append(str(size + TIMESTAMPS))
    print(*sizes)


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](sys.argv[2:])
