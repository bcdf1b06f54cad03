// SPDX-License-Identifier: MIT
// Apart from the rest: <linux/mount.h> and glibc's <sys/mount.h> define the same names.
#include "CLinuxMounts.h"

#include <errno.h>
#include <linux/mount.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static int close_keeping_errno(int descriptor) {
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

int linux_mount_nowhere(const char *type) {
  int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) return close_keeping_errno(context);
  int root = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
  if (root < 0) return close_keeping_errno(context);
  close(context);
  return root;
}
