#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends an encapsulated echo request, and says whether it is answered.

intrude.py ipip|fou SOURCE REAL ADDRESS SECONDS  in an IP packet to ADDRESS
intrude.py bare     SOURCE REAL REAL    SECONDS  in GUE without IP inside
"""
import socket
import struct
import sys

PORT = 6080
# GUE variant 0 without options, with ICMP inside.
GUE_ICMP = bytes([0, 1, 0, 0])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, payload):
    def header(check):
        return struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64,
            socket.IPPROTO_ICMP, check, socket.inet_aton(source),
            socket.inet_aton(destination))
    return header(checksum(header(0))) + payload


def echo():
    def request(check):
        return struct.pack("!BBHHH", 8, 0, check, 7, 1)
    return request(checksum(request(0)))


def send(kind, source, real, address):
    if kind == "ipip":
        out = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)
    else:
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((source, 0))
    inside = GUE_ICMP + echo() if kind == "bare" else ipv4(
        source, address, echo())
    out.sendto(inside, (real, 0 if kind == "ipip" else PORT))


def is_answer(packet, source, address):
    ends = socket.inet_aton(address) + socket.inet_aton(source)
    # Behind the IP header, an echo reply has type 0.
    return packet[12:20] == ends and packet[20] == 0


def main(kind, source, real, address, seconds):
    answers = socket.socket(
        socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    answers.settimeout(float(seconds))
    send(kind, source, real, address)
    try:
        while not is_answer(answers.recv(2048), source, address):
            pass
        print("answered")
    except TimeoutError:
        print("silence")


if __name__ == "__main__":
    main(*sys.argv[1:])
