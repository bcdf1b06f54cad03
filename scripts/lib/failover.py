# SPDX-License-Identifier: MIT
"""Connections of a client over both IP versions, and the fate of each.

Short ones ask once, at a fixed rate. Long ones ask several times a second, for
as long as they are wanted. Each line of the log is a JSON object: a connection
that has ended, or a mark, which is a line that somebody wrote into the pipe
DIRECTORY/marks. Times are those of CLOCK_MONOTONIC, in seconds.

Marks that do something here:

load on    long connections are wanted
load off   they are not: those there are end after the answer that they await
renew      the same, and others take their place
"""

import argparse
import asyncio
import json
import os
import random
import socket
import struct
import time

PATIENCE = 8.0  # seconds until an answer must be there; a SYN is sent 4 times
PAUSE = 0.2  # seconds between two requests of a long connection
LONGEST = 4096  # bytes of an answer
REQUEST = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # leaves no TIME-WAIT behind


class Log:
    """What happened, in its order; how much is under way, beside it."""

    def __init__(self, directory):
        self.file = open(f"{directory}/log", "a", buffering=1, encoding="utf-8")
        self.progress_path = f"{directory}/progress"
        self.under_way = {}  # short connections, and when they began
        self.mark("-")

    def write(self, entry):
        self.file.write(json.dumps(entry) + "\n")

    def mark(self, text):
        self.marked, self.mark_text, self.answered = time.monotonic(), text, 0
        self.write({"kind": "mark", "at": self.marked, "mark": text})

    def write_progress(self, holding):
        """Short connections answered since the last mark, those from before
        it that wait; long ones that are there; the mark."""
        waiting = sum(at < self.marked for at in self.under_way.values())
        with open(self.progress_path + ".new", "w", encoding="utf-8") as file:
            print(self.answered, waiting, holding, self.mark_text, file=file)
        os.replace(self.progress_path + ".new", self.progress_path)


class Connection:
    """One TCP connection: who answered on it, how often, how it ended."""

    def __init__(self, kind, source, address):
        self.kind = kind
        self.address = address
        self.version = 6 if ":" in address else 4
        self.begin = time.monotonic()
        self.server = None
        self.requests = 0
        self.closes = False
        family = socket.AF_INET6 if self.version == 6 else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE
        )
        self.socket.bind((source, 0))
        self.port = self.socket.getsockname()[1]

    async def connect(self):
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, (self.address, 80))

    async def ask(self):
        """A request and its answer, whole."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.socket, REQUEST)
        answer = b""
        while not is_whole(answer):
            part = await loop.sock_recv(self.socket, LONGEST)
            if not part:
                raise EOFError
            answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        self.server = body.decode().strip()
        self.requests += 1
        self.closes = b"\r\nconnection: close" in head.lower()

    def ended(self, fate):
        self.socket.close()
        return {
            "kind": self.kind,
            "version": self.version,
            "port": self.port,
            "begin": self.begin,
            "end": time.monotonic(),
            "server": self.server,
            "requests": self.requests,
            "fate": fate,
        }


def is_whole(answer):
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False


FATES = {
    ConnectionRefusedError: "refused",
    ConnectionResetError: "reset",
    BrokenPipeError: "reset",
    TimeoutError: "timeout",
    EOFError: "short",
}


async def fate_of(work):
    """How it went: ok, or a word of FATES, or the error itself."""
    try:
        await asyncio.wait_for(work, PATIENCE)
    except (OSError, EOFError) as error:
        return FATES.get(type(error), str(error))
    return "ok"


class Client:
    def __init__(self, options):
        self.options = options
        self.log = Log(options.directory)
        self.pairs = list(zip(options.source, options.address, strict=True))
        self.wanted = False
        self.generation = 0
        self.holding = 0
        self.tasks = set()

    async def short(self, pair):
        connection = Connection("short", *pair)
        self.log.under_way[connection] = connection.begin
        fate = await fate_of(connection.connect())
        if fate == "ok":
            fate = await fate_of(connection.ask())
        del self.log.under_way[connection]
        self.log.answered += fate == "ok"
        self.log.write(connection.ended(fate))

    async def shorts(self, pair):
        """At the fixed rate, each a bit earlier or later."""
        due = time.monotonic()
        while True:
            due += random.uniform(0.5, 1.5) / self.options.rate
            await asyncio.sleep(due - time.monotonic())
            self.begin(self.short(pair))

    async def long(self, pair):
        while True:
            while not self.wanted:
                await asyncio.sleep(0.02)
            await self.hold(Connection("long", *pair), self.generation)
            await asyncio.sleep(0.02)

    async def hold(self, connection, generation):
        fate = await fate_of(connection.connect())
        self.holding += fate == "ok"
        held = fate == "ok"
        while fate == "ok" and self.wants(generation) and not connection.closes:
            fate = await fate_of(connection.ask())
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE)
        self.holding -= held
        self.log.write(connection.ended(fate))

    def wants(self, generation):
        return self.wanted and generation == self.generation

    def begin(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def marked(self, pipe):
        """One read holds whole lines: each was written at once."""
        for line in os.read(pipe, 65536).decode().splitlines():
            self.log.mark(line)
            if line.startswith("load "):
                self.wanted = line == "load on"
            elif line == "renew":
                self.generation += 1

    async def run(self):
        random.seed(self.options.seed)
        pipe = os.open(f"{self.options.directory}/marks", os.O_RDWR)
        asyncio.get_running_loop().add_reader(pipe, self.marked, pipe)
        ahead = time.time() - time.monotonic()
        self.log.write({"kind": "clock", "ahead": ahead})
        for pair in self.pairs:
            self.begin(self.shorts(pair))
            for _ in range(self.options.long):
                self.begin(self.long(pair))
        deadline = time.monotonic() + self.options.seconds
        while time.monotonic() < deadline:
            self.log.write_progress(self.holding)
            await asyncio.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", help="has a named pipe 'marks'")
    parser.add_argument("--source", action="append", required=True)
    parser.add_argument("--address", action="append", required=True)
    parser.add_argument("--rate", type=float, default=50, help="a second, each")
    parser.add_argument("--long", type=int, default=8, help="at a time, each")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    asyncio.run(Client(parser.parse_args()).run())


if __name__ == "__main__":
    main()
