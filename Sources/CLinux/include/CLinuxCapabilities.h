// SPDX-License-Identifier: MIT
#pragma once
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// capget(2): the effective set of the calling thread as one bit a capability; 0 or -1 with errno.
static inline int linux_effective_capabilities(uint64_t *effective) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  int result = (int)syscall(SYS_capget, &header, data);
  *effective = (uint64_t)data[1].effective << 32 | data[0].effective;
  return result;
}
