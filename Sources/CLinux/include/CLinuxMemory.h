// SPDX-License-Identifier: MIT
#pragma once
#include <sys/mman.h>
#include <stdbool.h>

/// Whether mmap(2) refused: MAP_FAILED is a cast, which the importer does not translate.
static inline bool linux_mapping_failed(const void *address) {
  return address == MAP_FAILED;
}
