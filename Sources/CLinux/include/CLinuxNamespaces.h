// SPDX-License-Identifier: MIT
#pragma once
#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc declares these only under _GNU_SOURCE, which a module cannot ask for once Glibc has been imported.

/// unshare(2): gives the calling thread a network namespace of its own.
static inline int linux_unshare_network(void) {
  return (int)syscall(SYS_unshare, CLONE_NEWNET);
}

/// setns(2): moves the calling thread into the network namespace that `descriptor` refers to.
static inline int linux_enter_network(int descriptor) {
  return (int)syscall(SYS_setns, descriptor, CLONE_NEWNET);
}

/// gettid(2): the kernel's number of the calling thread.
static inline int linux_thread_number(void) {
  return (int)syscall(SYS_gettid);
}
