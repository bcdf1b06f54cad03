# SPDX-License-Identifier: MIT
"""HTTP requests, each over a new connection, and what became of them.

answers  one request per client port, in order: "PORT SERVER" lines
knock    one SYN per client port, without waiting for an answer
load     a few threads until STATE.stop exists or the time is over: the count
         so far in STATE.progress, the totals at the end in STATE.json
"""

import argparse
import collections
import http.client
import json
import os
import socket
import threading
import time

TIMEOUT = 5.0  # seconds, connecting and reading
GIVE_UP = 5  # failures after which `answers` does not try any more
PAUSE = 0.01  # seconds a thread rests between two requests


def ask(address, source=None):
    """One request; returns the name of the server that answered it."""
    connection = http.client.HTTPConnection(
        address, 80, timeout=TIMEOUT, source_address=source
    )
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read().decode().strip()
        if response.status != 200 or not body:
            raise http.client.HTTPException(f"status {response.status}")
        return body
    finally:
        connection.close()


def answers(options):
    failed = 0
    for port in range(options.first_port, options.first_port + options.count):
        server = "-"
        if failed < GIVE_UP:
            try:
                server = ask(options.address, (options.source, port))
            except (OSError, http.client.HTTPException):
                failed += 1
        print(port, server)


def knock(options):
    for port in range(options.first_port, options.first_port + options.count):
        with socket.socket() as client:
            client.setblocking(False)
            client.bind((options.source, port))
            client.connect_ex((options.address, 80))


class Load:
    """What the threads share; every method may be called by any of them."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.deadline = time.monotonic() + options.seconds
        self.servers = collections.Counter()
        self.failures = collections.Counter()
        self.slowest = 0.0

    def goes_on(self):
        return time.monotonic() < self.deadline and not os.path.exists(
            self.options.state + ".stop"
        )

    def run_thread(self):
        while self.goes_on():
            started = time.monotonic()
            try:
                self.record(self.servers, ask(self.options.address), started)
            except (OSError, http.client.HTTPException) as error:
                self.record(self.failures, repr(error), started)
            time.sleep(PAUSE)

    def record(self, counter, key, started):
        with self.lock:
            counter[key] += 1
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.write("progress", str(self.servers.total()))

    def write(self, suffix, text):
        """Readers see the whole text or the one before."""
        path = f"{self.options.state}.{suffix}"
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.replace(path + ".new", path)

    def totals(self):
        return {
            "requests": self.servers.total() + self.failures.total(),
            "failed": self.failures.total(),
            "failures": self.failures,
            "servers": self.servers,
            "slowest_ms": round(self.slowest * 1000),
        }


def load(options):
    state = Load(options)
    threads = [
        threading.Thread(target=state.run_thread) for _ in range(options.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state.write("json", json.dumps(state.totals()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    ports = []
    for run in (answers, knock):
        one = commands.add_parser(run.__name__)
        one.add_argument("--source", required=True)
        one.add_argument("--count", type=int, required=True)
        one.add_argument("--first-port", type=int, required=True)
        one.set_defaults(run=run)
        ports.append(one)
    many = commands.add_parser("load")
    many.add_argument("--state", required=True)
    many.add_argument("--seconds", type=float, required=True)
    many.add_argument("--threads", type=int, default=4)
    many.set_defaults(run=load)
    for command in (*ports, many):
        command.add_argument("--address", required=True)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
