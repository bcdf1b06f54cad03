# SPDX-License-Identifier: MIT
"""The last scene of the log that failover.py wrote: what failed, whose it was.

Prints "REQUESTS FAILED CUT OWN MOVED STEADY", as docs/failover.md explains
them; then a line for each thing that must not be. Marks that are understood,
besides those of failover.py:

scene begin              what the row is about begins
event                    something was done; times count from the last one
down SERVER              it does not answer from here on
back SERVER              it does
director NAME            it forwards again, and its checks begin anew
moved NAME               packets take another director from here on
broken EVENT             it could not be done
steady                   the tables are equal, and as they should be
"""

import argparse
import glob
import json
import re
import struct

GRACE = 0.1  # seconds: from a check's verdict to tables that follow it
# Seconds after a server's end in which a director that begins anew delays the
# discovery.
RESTART = 10.0
LATE = 0.9  # seconds: the answer came only after a SYN was sent again


class Scene:
    """The last scene of the log: its marks and connections."""

    has_events = True

    def __init__(self, path):
        self.marks, self.connections, self.ahead = [], [], 0.0
        for line in open(path, encoding="utf-8"):
            self.take(json.loads(line))

    def take(self, entry):
        if entry["kind"] == "clock":
            self.ahead = entry["ahead"]
        elif entry["kind"] != "mark":
            self.connections.append(entry)
        elif entry["mark"] == "scene begin":
            self.marks, self.connections = [], []
        else:
            self.marks.append((entry["at"], entry["mark"]))

    def times(self, *words):
        """Of the marks that begin with one of these words."""
        return [at for at, mark in self.marks if mark.split()[0] in words]

    def last_event(self):
        return max(self.times("event"), default=0.0)

    def downs(self):
        """Pairs of a server and when it went down."""
        return [
            (mark.split()[1], at)
            for at, mark in self.marks
            if mark.startswith("down ")
        ]

    def down_at(self, time):
        """The servers that did not answer then."""
        down = set()
        for at, mark in self.marks:
            word, _, name = mark.partition(" ")
            if at <= time and word == "down":
                down.add(name)
            elif at <= time and word == "back":
                down.discard(name)
        return down


class Interludes(Scene):
    """All of the log but the scenes: the world is put back, and prepared."""

    has_events = False
    inside = False

    def take(self, entry):
        if entry["kind"] == "clock":
            self.ahead = entry["ahead"]
        elif entry["kind"] == "mark":
            self.marks.append((entry["at"], entry["mark"]))
            if entry["mark"] in ("scene begin", "load off"):
                self.inside = entry["mark"] == "scene begin"
        elif entry["kind"] == "short" and not self.inside:
            self.connections.append(entry)


class Directions:
    """Where directors sent each SYN of the client, as the router saw it."""

    def __init__(self, pattern, servers):
        self.seen = {}
        for path in glob.glob(pattern):
            with open(path, "rb") as file:
                self.read(file.read(), servers)

    def read(self, capture, servers):
        place = 24
        while place + 16 <= len(capture):
            seconds, micro, size = struct.unpack_from("<III", capture, place)
            frame = capture[place + 16 : place + 16 + size]
            place += 16 + size
            self.note(seconds + micro / 1e6, frame, servers)

    def note(self, at, frame, servers):
        """Outer header IPv4 without options: IPIP, or GRE without a key."""
        outer = frame[14:]
        server = servers.get(".".join(map(str, outer[16:20])))
        inner = outer[24:] if outer[9] == 47 else outer[20:]
        version = inner[0] >> 4
        transport = inner[40:] if version == 6 else inner[20:]
        if server and len(transport) >= 2:
            port = int.from_bytes(transport[:2], "big")
            self.seen.setdefault((version, port), []).append((at, server))

    def of(self, connection, ahead):
        """The servers that its SYNs went to, the first one first."""
        key = connection["version"], connection["port"]
        begin, end = (connection[side] + ahead for side in ("begin", "end"))
        return [
            server
            for at, server in self.seen.get(key, [])
            if begin - 0.01 <= at <= end
        ]


class Verdict:
    """The failures of a scene, by whose they are."""

    def __init__(self, scene, directions, fall, servers):
        self.scene, self.directions = scene, directions
        self.fall, self.servers = fall, servers
        self.own, self.strange = [], []
        for connection in scene.connections:
            if connection["fate"] == "ok":
                continue
            mine = self.own if self.is_own(connection) else self.strange
            mine.append(connection)

    def is_own(self, connection):
        """With a server that went down, or begun before that could be known.

        A check that begins anew, with its director, needs its time again.
        """
        to = self.server_of(connection)
        for server, at in self.scene.downs():
            if server == to and connection["end"] >= at:
                if connection["begin"] <= self.known(at):
                    return True
        return to is None and self.is_hopeless(connection)

    def known(self, at):
        """When directors had to know of a server that went down at `at`."""
        restarts = [
            restart
            for restart in self.scene.times("director")
            if at <= restart <= at + RESTART
        ]
        return max([at, *restarts]) + self.fall + GRACE

    def server_of(self, connection):
        """Who answered, or was to."""
        ways = self.directions.of(connection, self.scene.ahead)
        return connection["server"] or (ways[-1] if ways else None)

    def is_hopeless(self, connection):
        """No server was there when it began, or when it was given up."""
        return self.servers in map(
            self.scene.down_at, (connection["begin"], connection["end"])
        )

    def told(self, connection):
        """A line about a failure that is nobody's own."""
        times = [
            (connection[side] - self.scene.last_event()) * 1000
            for side in ("begin", "end")
        ]
        text = (
            f"IPv{connection['version']} port {connection['port']}"
            f" {connection['kind']}: {connection['fate']}"
            f" at {self.server_of(connection) or 'nobody'}"
            f" after {connection['requests']} answers,"
            f" begun {times[0]:+.0f} ms, ended {times[1]:+.0f} ms"
        )
        for at in self.scene.times("moved"):
            if connection["begin"] <= at <= connection["end"]:
                text += " (it moved to the other director while it lasted)"
        return text


def is_cut(connection):
    return connection["kind"] == "long" and connection["requests"] > 0


def moved(scene):
    """From the last server that went down to the last connection that was
    begun in vain, in seconds: it failed, or had to ask again."""
    downs = [at for _, at in scene.downs()]
    if not downs or not scene.has_events:
        return None
    begun = [
        c["begin"]
        for c in scene.connections
        if c["kind"] == "short"
        and c["begin"] >= downs[-1]
        and (c["fate"] != "ok" or c["end"] - c["begin"] > LATE)
    ]
    return max(begun, default=downs[-1]) - downs[-1]


def steady(scene):
    """From the last event until tables were good, and new connections too, in
    seconds."""
    good = scene.times("steady")
    if not good or not scene.has_events:
        return None
    failed = [
        c["begin"]
        for c in scene.connections
        if c["kind"] == "short" and c["fate"] != "ok"
    ]
    return max([good[0], *failed]) - scene.last_event()


class Wrk:
    """What wrk said at its ends, added up."""

    def __init__(self, pattern):
        self.requests, self.refused, self.cut = 0, 0, 0
        for path in glob.glob(pattern):
            text = open(path, encoding="utf-8").read()
            for requests in re.findall(r"(\d+) requests in", text):
                self.requests += int(requests)
            for errors in re.findall(
                r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
            ):
                connect, read, write, timeout = map(int, errors)
                self.refused += connect
                self.cut += read + write + timeout


def milliseconds(value):
    return "-" if value is None else str(round(value * 1000))


def problems(scene, verdict, wrk):
    """What must not be, a line each."""
    if scene.has_events and not scene.times("steady"):
        yield "the directors' tables do not become what they should be"
    if not scene.downs() and wrk.refused + wrk.cut:
        yield f"wrk: {wrk.refused} not connected, {wrk.cut} cut"
    for _, mark in scene.marks:
        if scene.has_events and mark.startswith("broken "):
            yield f"it could not be done: {mark.partition(' ')[2]}"
    for version in (4, 6):
        if not any(
            c["version"] == version and c["fate"] == "ok"
            for c in scene.connections
        ):
            yield f"nothing was answered over IPv{version}"
    for connection in verdict.strange:
        yield verdict.told(connection)
    # Where nobody is left, everything is in vain for as long as that lasts.
    if moved(scene) and {name for name, _ in scene.downs()} != verdict.servers:
        at = scene.downs()[-1][1]
        if at + moved(scene) > verdict.known(at):
            yield (
                f"new connections went astray for {moved(scene) * 1000:.0f} ms,"
                f" {(verdict.known(at) - at) * 1000:.0f} ms allowed"
            )


def row(scene, verdict, wrk):
    """REQUESTS FAILED CUT OWN MOVED STEADY."""
    cut = sum(map(is_cut, verdict.strange))
    failed = len(verdict.strange) - cut
    own = len(verdict.own)
    # wrk does not say whose a connection was: only that it lost one.
    if scene.downs():
        own += wrk.refused + wrk.cut
    else:
        failed, cut = failed + wrk.refused, cut + wrk.cut
    requests = wrk.requests + len(verdict.strange) + len(verdict.own)
    requests += sum(connection["requests"] for connection in scene.connections)
    times = milliseconds(moved(scene)), milliseconds(steady(scene))
    return " ".join(map(str, (requests, failed, cut, own, *times)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("--fall", type=float, required=True, help="ms")
    parser.add_argument("--server", action="append", help="NAME=ADDRESS")
    parser.add_argument(
        "--interludes", action="store_true", help="what is between the scenes"
    )
    options = parser.parse_args()
    servers = {
        address: name
        for name, address in (pair.split("=") for pair in options.server)
    }
    kind = Interludes if options.interludes else Scene
    scene = kind(f"{options.directory}/log")
    directions = Directions(f"{options.directory}/syn-*.pcap", servers)
    verdict = Verdict(
        scene, directions, options.fall / 1000, set(servers.values())
    )
    wrk = Wrk(f"{options.directory}/wrk-*" if scene.has_events else "")
    print(row(scene, verdict, wrk))
    for problem in problems(scene, verdict, wrk):
        print(problem)


if __name__ == "__main__":
    main()
