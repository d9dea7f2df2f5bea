// SPDX-License-Identifier: Apache-2.0
#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>
#endif

#include "CKernels.h"

int ck_keep_memory(int block_limit_bytes, int kept_bytes) {
#if defined(M_MMAP_THRESHOLD) && defined(M_TRIM_THRESHOLD)
  return mallopt(M_MMAP_THRESHOLD, block_limit_bytes) == 1 &&
         mallopt(M_TRIM_THRESHOLD, kept_bytes) == 1;
#else
  (void)block_limit_bytes;
  (void)kept_bytes;
  return 0;
#endif
}
