// SPDX-License-Identifier: MIT
#pragma once

/// Mounts a file system of this type nowhere (fsopen, fsconfig and fsmount, Linux 5.2).
///
/// A descriptor of its root, closed on exec, with which the mount goes; or -1 with errno.
int linux_mount_nowhere(const char *type);
