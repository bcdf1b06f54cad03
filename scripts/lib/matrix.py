#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients and servers of scripts/lib/matrix.sh.

  serve NAME READY ADDRESS...   answers at the virtual addresses: HTTP at port
                                80, datagrams at port 53; and HTTP at any
                                address at 8000 and 8009; makes READY
  ask FILE PORT                 asks at every address of FILE, from the client's
                                ports from PORT on, and prints lines
                                "NUMBER TCP UDP FRAGMENTS": who answered
  move up|down FILE SECONDS     sends 1 MB to every address, or fetches it, and
                                prints "NUMBER BYTES" lines
  refused ADDRESS               whether another port refuses TCP and UDP
  tagged DEVICE TO ADDRESS      from DEVICE, in VLAN 7, a ping of the IPv4
                                address by the Ethernet address TO, answered
  question DEVICE TO ADDRESS FROM PORT
                                likewise a datagram to port 53, which the client
                                at FROM, PORT would have sent
  hear READY ADDRESS PORT       makes READY, and prints the datagram that comes

Lines of FILE are "NUMBER ADDRESS SOURCE".
"""
import concurrent.futures
import http.client
import http.server
import pathlib
import selectors
import socket
import socketserver
import sys
import threading

LARGE = 1_000_000
PATIENCE = 4


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        large = self.path == "/large"
        self.answer(bytes(LARGE) if large else self.server.name.encode())

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        received = 0
        while received < left:
            chunk = self.rfile.read1(65536)
            if not chunk:
                return
            received += len(chunk)
        self.answer(str(received).encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WebServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, name, address, port=80):
        self.name = name
        self.address_family = family(address)
        super().__init__((address, port), Handler)

    def handle_error(self, *_):
        pass  # a client that gave up is expected


def serve(name, ready, *addresses):
    selector = selectors.DefaultSelector()
    web = [WebServer(name, address) for address in addresses]
    web += [WebServer(name, "::", port) for port in (8000, 8009)]
    for server in web:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for address in addresses:
        datagrams = socket.socket(family(address), socket.SOCK_DGRAM)
        datagrams.bind((address, 53))
        selector.register(datagrams, selectors.EVENT_READ)
    pathlib.Path(ready).touch()
    while True:
        for key, _ in selector.select():
            question, client = key.fileobj.recvfrom(65535)
            answer = f"{name} {len(question)}"
            key.fileobj.sendto(answer.encode(), client)


def cases(file):
    lines = pathlib.Path(file).read_text().splitlines()
    return [line.split() for line in lines]


def each(function, file):
    """Calls the function for every line at once; prints what it gives."""
    lines = cases(file)
    with concurrent.futures.ThreadPoolExecutor(len(lines)) as pool:
        answers = pool.map(lambda line: function(*line), lines)
        for line, answer in zip(lines, answers):
            print(line[0], answer)


def request(method, address, path, source, seconds, body=None):
    """The answer's body; raises OSError."""
    connection = http.client.HTTPConnection(
        address, 80, timeout=seconds, source_address=source)
    try:
        connection.request(method, path, body)
        return connection.getresponse().read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def datagram(address, source, length):
    """Who got a datagram of so many bytes whole."""
    with socket.socket(family(address), socket.SOCK_DGRAM) as ours:
        # Routers on the way may not, but this host shall divide it.
        if ours.family == socket.AF_INET:
            ours.setsockopt(socket.IPPROTO_IP, 10, 0)
        ours.settimeout(PATIENCE)
        ours.bind(source)
        ours.connect((address, 53))
        ours.send(bytes(length))
        name, received = ours.recv(100).decode().split()
        return name if int(received) == length else "-"


def tried(function, *arguments):
    try:
        return function(*arguments)
    except OSError:
        return "-"


def ask(file, first):
    def one(number, address, source):
        port = int(first) + 2 * int(number)
        web = tried(lambda: request(
            "GET", address, "/", (source, port), PATIENCE).decode())
        short = tried(datagram, address, (source, port + 1), 100)
        long = tried(datagram, address, (source, port + 1), 8000)
        return f"{web} {short} {long}"

    each(one, file)


def move(direction, file, seconds):
    def one(_, address, source):
        if direction == "down":
            return len(request(
                "GET", address, "/large", (source, 0), float(seconds)))
        return int(request(
            "PUT", address, "/", (source, 0), float(seconds), bytes(LARGE)))

    each(lambda *line: str(tried(one, *line)).replace("-", "0"), file)


def refused(address):
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        with socket.socket(family(address), kind) as ours:
            ours.settimeout(PATIENCE)
            try:
                ours.connect((address, 81))
                ours.send(b"question")
                ours.recv(1)
            except ConnectionRefusedError:
                continue
            except OSError as error:
                sys.exit(f"{kind.name}: {error}, and not refused")
            sys.exit(f"{kind.name}: answered")


def in_vlan(device, to):
    """The beginning of a frame."""
    from scapy.arch import get_if_hwaddr
    from scapy.layers.l2 import Dot1Q, Ether

    return Ether(src=get_if_hwaddr(device), dst=to) / Dot1Q(vlan=7, prio=3)


def tagged(device, to, address):
    # Imported here, and not all of scapy, which takes a second.
    from scapy.layers.inet import ICMP, IP
    from scapy.layers.l2 import Dot1Q
    from scapy.sendrecv import srp1

    frame = (
        in_vlan(device, to) / IP(src="198.51.100.7", dst=address)
        / ICMP(id=7) / b"0123456789")
    answer = srp1(frame, iface=device, timeout=PATIENCE, verbose=False)
    if answer is None or Dot1Q not in answer or answer[Dot1Q].vlan != 7:
        sys.exit(f"no tagged answer: {answer!r}")
    if answer[IP].src != address or answer[ICMP].type != 0:
        sys.exit(f"another answer: {answer!r}")


def question(device, to, address, source, port):
    from scapy.layers.inet import IP, UDP
    from scapy.sendrecv import sendp

    frame = (
        in_vlan(device, to) / IP(src=source, dst=address)
        / UDP(sport=int(port), dport=53) / b"question")
    sendp(frame, iface=device, verbose=False)


def hear(ready, address, port):
    with socket.socket(family(address), socket.SOCK_DGRAM) as ours:
        ours.bind((address, int(port)))
        ours.settimeout(2 * PATIENCE)
        pathlib.Path(ready).touch()
        print(ours.recv(100).decode())


COMMANDS = {
    function.__name__: function
    for function in (serve, ask, move, refused, tagged, question, hear)
}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
