// SPDX-License-Identifier: MIT
#pragma once
#include <errno.h>
#include <sys/mman.h>
#include <stdbool.h>

/// Whether mmap(2) refused: MAP_FAILED is a cast, which the importer does not translate.
static inline bool linux_mapping_failed(const void *address) {
  return address == MAP_FAILED;
}

/// madvise(2), MADV_POPULATE_WRITE: makes the memory be there, instead of the process die where it cannot be; 0 or -1
/// with errno. Does nothing where the kernel does not know it (before Linux 5.14).
static inline int linux_populate(void *address, size_t length) {
  int result = madvise(address, length, 23);
  return result == -1 && errno == EINVAL ? 0 : result;
}
