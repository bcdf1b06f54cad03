#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Has other tools look at the frames of frames.txt.

usage: frames.py capture CONFIGURATION DIRECTORY
       frames.py kinds
       frames.py dissect KIND

`capture` writes DIRECTORY/arriving.pcap and leaving.pcap. `kinds` prints what
frames are told apart by: their encapsulations, and "answers". `dissect` has
tshark take the frames that leave apart, and fails where it finds anything
wrong with one, or not the headers that belong there.
"""

import pathlib
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LAYERS = {"ipip": "", "gre": "gre:", "gre-key": "gre:", "gue": "udp:gue:", "fou": "udp:gue:"}
IP = {"4": "ip:", "6": "ipv6:"}
# tshark checks none of these unless told to. In UDP over IPv6, RFC 6935 and
# 6936 allow tunnels to leave the checksum out.
PREFERENCES = ["ip.check_checksum", "udp.check_checksum", "tcp.check_checksum",
               "udp.ignore_ipv6_zero_checksum"]
CHECKSUMS = [f"{name}.checksum.status" for name in ("ip", "udp", "tcp", "icmp", "icmpv6")]
BAD, GOOD, ILLEGAL = "0", "1", "4"
# Groups of tshark's remarks that are about the bytes, and not the conversation.
GROUPS = {"16777216": "checksum", "83886080": "undecoded", "100663296": "reassembly",
          "117440512": "malformed", "150994944": "protocol", "201326592": "decryption"}


class Frame:
    def __init__(self, line):
        self.name, self.configuration, self.verdict, arriving, leaving = line.split()
        self.arriving, self.leaving = bytes.fromhex(arriving), bytes.fromhex(leaving)
        tunnel = re.search(r"([46])in([46])-(gre-key|[a-z0-9]+)", self.name)
        self.inner, self.outer, self.kind = tunnel.groups() if self.verdict == "sent" \
            else (self.name[1], None, "answers")

    @property
    def layers(self):
        """What tshark is to find behind the link's header and its tags."""
        if self.kind not in LAYERS:
            return IP[self.inner]
        return IP[self.outer] + LAYERS[self.kind] + IP[self.inner]


def frames():
    lines = (HERE / "frames.txt").read_text().splitlines()
    return [Frame(line) for line in lines if not line.startswith("#")]


def capture(path, packets):
    """Classic pcap of Ethernet frames, a second apart."""
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for number, packet in enumerate(packets):
        data += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
    path.write_bytes(data)


def tshark(path):
    """For each frame its protocols, and what there is to say about it."""
    fields = ["frame.protocols", *CHECKSUMS, "_ws.expert.group", "_ws.expert.message"]
    command = ["tshark", "-r", path, "-X", f"lua_script:{HERE / 'gue.lua'}", "-T", "fields",
               "-E", "separator=|", *(word for field in fields for word in ("-e", field)),
               *(word for name in PREFERENCES for word in ("-o", f"{name}:TRUE"))]
    text = subprocess.run(command, check=True, text=True, capture_output=True).stdout
    return [line.split("|") for line in text.splitlines()]


def complaint(frame, row):
    """What is wrong with a frame; None if nothing is."""
    protocols, checksums = row[0], ",".join(row[1:-2]).split(",")
    found = re.sub(r"^eth:ethertype:((ieee8021ad|vlan):ethertype:)*", "", protocols)
    groups = [GROUPS[group] for group in row[-2].split(",") if group in GROUPS]
    if not found.startswith(frame.layers):
        return f"{protocols} where {frame.layers} belongs"
    if groups:
        return f"{', '.join(groups)}: {row[-1]}"
    if BAD in checksums or ILLEGAL in checksums or GOOD not in checksums:
        return "a wrong checksum, or none that could be verified"
    return None


def dissect(kind):
    chosen = [frame for frame in frames() if frame.kind == kind]
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "leaving.pcap"
        capture(path, [frame.leaving for frame in chosen])
        rows = tshark(path)
    if not chosen or len(rows) != len(chosen):
        sys.exit(f"tshark saw {len(rows)} of {len(chosen)} frames")
    complaints = [(frame.name, complaint(frame, row)) for frame, row in zip(chosen, rows)]
    wrong = [f"{name}: {text}" for name, text in complaints if text]
    sys.exit("\n".join(wrong) or 0)


def main(command, *words):
    if command == "capture":
        chosen = [frame for frame in frames() if frame.configuration == words[0]]
        directory = pathlib.Path(words[1])
        capture(directory / "arriving.pcap", [frame.arriving for frame in chosen])
        capture(directory / "leaving.pcap", [frame.leaving for frame in chosen])
    elif command == "kinds":
        print("\n".join(dict.fromkeys(frame.kind for frame in frames())))
    elif command == "dissect":
        dissect(*words)


if __name__ == "__main__":
    main(*sys.argv[1:])
