// SPDX-License-Identifier: MIT
// What the BPF file system needs: statfs, mount, and a rename that exchanges two directories (behind _GNU_SOURCE).
#pragma once
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

// Exchanges what two paths name, in one step. The corresponding call is renameat2 with RENAME_EXCHANGE.
int culvert_exchange_paths(const char *first, const char *second);
