// SPDX-License-Identifier: MIT
#pragma once

#include <linux/filter.h>
#include <sys/socket.h>

/// Has a socket take no packet: by a program for it that says "0 bytes" of each.
static inline int linux_receive_nothing(int descriptor) {
  struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog program = {.len = 1, .filter = &nothing};
  return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
