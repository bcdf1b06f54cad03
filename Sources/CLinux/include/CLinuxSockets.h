// SPDX-License-Identifier: MIT
#pragma once

#include <linux/filter.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/// Has a socket take only packets that a classic BPF program says so of.
static inline int linux_attach_filter(int descriptor, struct sock_filter *filter, unsigned short length) {
  struct sock_fprog program = {.len = length, .filter = filter};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/// Has a socket take no packet: by a program for it that says "0 bytes" of each.
static inline int linux_receive_nothing(int descriptor) {
  struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  return linux_attach_filter(descriptor, &nothing, 1);
}

/// Has a packet socket without link-layer headers take only ICMP, and what comes from an IPv4 address (host byte order).
static inline int linux_receive_answers_v4(int descriptor, uint32_t source) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 5, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source, 3, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xFFFF),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  return linux_attach_filter(descriptor, filter, sizeof filter / sizeof *filter);
}

/// The same for an IPv6 address, as four words in host byte order.
static inline int linux_receive_answers_v6(int descriptor, const uint32_t *source) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 2),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 11, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 11),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 8, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source[0], 0, 7),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source[1], 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source[2], 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 20),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source[3], 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xFFFF),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  return linux_attach_filter(descriptor, filter, sizeof filter / sizeof *filter);
}

/// Has a packet socket without link-layer headers take only IPv4 packets for a block of ports of TCP and UDP, which is
/// aligned to its size, and ICMP's echo replies and errors.
static inline int linux_receive_ports_v4(int descriptor, uint16_t first, uint16_t mask) {
  struct sock_filter filter[] = {
      // No later fragments.
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1FFF, 15, 0),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 3, 10),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 6, 7),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
      // Echo reply, destination unreachable, source quench, time exceeded, parameter problem (RFC 792).
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 11, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 12, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0x7FFFFFFF),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  return linux_attach_filter(descriptor, filter, sizeof filter / sizeof *filter);
}

/// The same for IPv6 packets without extension headers.
static inline int linux_receive_ports_v6(int descriptor, uint16_t first, uint16_t mask) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 3, 7),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 3, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40),
      // Errors, and echo replies (RFC 4443).
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 128, 0, 1),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 129, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0x7FFFFFFF),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  return linux_attach_filter(descriptor, filter, sizeof filter / sizeof *filter);
}
