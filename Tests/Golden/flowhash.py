# SPDX-License-Identifier: MIT
"""The hash of a flow, from which a tunnel's UDP source port, flow label and
outer source address follow: written from its description, not from its source.
"""

import ipaddress

WORD = (1 << 64) - 1


def words(address):
    """An address as two 64-bit words; IPv4 is mapped into ::ffff:0:0/96."""
    number = int(ipaddress.ip_address(address))
    if ipaddress.ip_address(address).version == 4:
        number |= 0xFFFF << 32
    return number >> 64, number & WORD


def splitmix(word):
    """The finaliser of SplitMix64 (David Stafford's variant 13)."""
    word = (word + 0x9E3779B97F4A7C15) & WORD
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & WORD
    return word ^ word >> 31


def moremur(word):
    """Pelle Evensen's mixer of 64-bit words, 2019."""
    word = ((word ^ word >> 27) * 0x3C79AC492BA7B653) & WORD
    word = ((word ^ word >> 33) * 0x1C69B3F74AC4AE35) & WORD
    return word ^ word >> 27


def service_seed(address, port, protocol):
    """32 bits, of a service of one address and port."""
    high, low = words(address)
    # From its highest bit on: first port, last port, 0, protocol, and the
    # length of the prefix, of a mapped address.
    seed = (port << 16 | port) << 16 | protocol << 8 | 128
    return splitmix(splitmix(high ^ seed) ^ low) & 0xFFFFFFFF


def flow_hasher(client, address, port, seed):
    """The function from a client's port to the hash of its flow, 64 bits."""
    client_high, client_low = words(client)
    high, low = words(address)
    word = moremur((seed << 32 | port) ^ (client_low + 0x9E3779B97F4A7C15) & WORD)
    word = moremur(word ^ client_high ^ (high * 0xC2B2AE3D27D4EB4F) & WORD)
    return lambda client_port: moremur(word ^ low ^ client_port << 48)
