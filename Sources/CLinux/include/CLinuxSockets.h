// SPDX-License-Identifier: MIT
#pragma once
#include <sys/socket.h>
#include <sys/types.h>

// struct ucred (glibc hides it behind _GNU_SOURCE).
struct linux_credentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
};

// The process at the other end of a connected Unix socket; -1 if the kernel does not tell.
static inline pid_t linux_peer_process(int descriptor) {
  struct linux_credentials credentials;
  socklen_t size = sizeof credentials;
  return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.pid : -1;
}
