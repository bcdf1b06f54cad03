#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real servers and the client of scripts/lib/receivers.sh.

  serve PREFIX CASES READY   answers TCP and UDP in the network namespaces
                             PREFIX and a name; makes the file READY when it can
  ask CASES SECONDS          asks all at once, and prints for each whether the
                             right one has answered: "ok CASE", "FAIL CASE: why"

Lines of CASES are "PORT NAME ENCAPSULATION INNER OUTER ADDRESS".
"""
import collections
import concurrent.futures
import ctypes
import os
import pathlib
import selectors
import socket
import sys

# Not small, and fits every encapsulation.
QUESTION = bytes(1200)
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
LIBC = ctypes.CDLL(None, use_errno=True)

Case = collections.namedtuple(
    "Case", "port name encapsulation inner outer address")


def cases(file):
    lines = pathlib.Path(file).read_text().splitlines()
    return [Case(*line.split()) for line in lines]


def opened(case, kind):
    family = socket.AF_INET6 if case.inner == "6" else socket.AF_INET
    return socket.socket(family, kind)


def enter(namespace):
    with open(namespace) as file:
        if LIBC.setns(file.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def serve(prefix, file, ready):
    selector = selectors.DefaultSelector()
    for case in cases(file):
        enter(prefix + case.name)
        for kind in KINDS.values():
            server = opened(case, kind)
            server.bind((case.address, int(case.port)))
            if kind == socket.SOCK_STREAM:
                server.listen()
            selector.register(server, selectors.EVENT_READ, case.name)
    # Where who cleans up looks for processes.
    enter(prefix + "client")
    pathlib.Path(ready).touch()
    while True:
        for key, _ in selector.select():
            answer(selector, key.fileobj, key.data)


def answer(selector, server, name):
    if server.type == socket.SOCK_DGRAM:
        question, client = server.recvfrom(2048)
        server.sendto(text(name, question), client)
    elif server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        connection, _ = server.accept()
        selector.register(connection, selectors.EVENT_READ, name)
    else:
        try:
            question = server.recv(2048)
            server.sendall(text(name, question))
        except OSError:
            pass  # the client has given up
        selector.unregister(server)
        server.close()


def text(name, question):
    return f"{name} got {len(question)} bytes".encode()


def ask(file, seconds):
    def one(question):
        case, protocol = question
        what = (f"{case.encapsulation} {case.inner}in{case.outer} {protocol} "
                f"at {case.name}")
        try:
            got = asked(case, KINDS[protocol], float(seconds))
        except OSError as error:
            return f"FAIL {what}: {error}"
        right = got == text(case.name, QUESTION)
        return f"ok {what}" if right else f"FAIL {what}: {got}"

    questions = [(case, protocol) for case in cases(file) for protocol in KINDS]
    with concurrent.futures.ThreadPoolExecutor(len(questions)) as pool:
        for line in pool.map(one, questions):
            print(line)


def asked(case, kind, seconds):
    with opened(case, kind) as client:
        client.settimeout(seconds)
        client.connect((case.address, int(case.port)))
        client.send(QUESTION)
        return client.recv(2048)


match sys.argv[1:]:
    case ["serve", prefix, file, ready]:
        serve(prefix, file, ready)
    case ["ask", file, seconds]:
        ask(file, seconds)
    case _:
        sys.exit(__doc__)
