// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// pidfd_open(2): a descriptor, closed on exec, that can be read once the process has ended; or -1 with errno.
static inline int linux_process_descriptor(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

/// pipe2(2): a pipe whose ends are closed on exec, and whose reading end does not block; 0 or -1 with errno.
static inline int linux_output_pipe(int *ends) {
  if (syscall(SYS_pipe2, ends, O_CLOEXEC) != 0) return -1;
  return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}
