// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

// On: sums are fused where the instruction set can, so its last bits are the set's own.
#pragma STDC FP_CONTRACT ON

#define EACH_TO_3(MAKE, blocks) MAKE(1, blocks) MAKE(2, blocks) MAKE(3, blocks)
#define EACH_TO_6(MAKE, blocks) \
  EACH_TO_3(MAKE, blocks) MAKE(4, blocks) MAKE(5, blocks) MAKE(6, blocks)
#define EACH_TO_8(MAKE, blocks) EACH_TO_6(MAKE, blocks) MAKE(7, blocks) MAKE(8, blocks)
#define EACH_TO_14(MAKE, blocks)                                                    \
  EACH_TO_8(MAKE, blocks) MAKE(9, blocks) MAKE(10, blocks) MAKE(11, blocks)         \
  MAKE(12, blocks) MAKE(13, blocks) MAKE(14, blocks)
#define TILE_ENTRY(pixels, blocks) NAME(tile_##pixels##x##blocks),

#define NAME(stem) portable_##stem
#include "convolve.h"
#include "winograd.h"
EACH_TO_3(TILE, 1)
SLOPES(slopes_1, 2, 1, 1, CK_LANES)
SLOPES(few_slopes, 2, 1, 1, CK_FEW_LANES)
static ck_tile_function *const portable_tiles[CK_TILE_BLOCKS][CK_TILE_PIXELS] = {
    {EACH_TO_3(TILE_ENTRY, 1)}};
static const ck_kernels portable = {
    "portable", portable_tiles, {3}, {portable_slopes_1}, {2}, portable_few_slopes, 2,
    portable_winograd_input, portable_winograd_output, portable_winograd_weights};
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(stem) avx2_##stem
#include "convolve.h"
#include "winograd.h"
EACH_TO_6(TILE, 1)
EACH_TO_3(TILE, 2)
SLOPES(slopes_1, 4, 1, 1, CK_LANES)
SLOPES(few_slopes, 4, 1, 1, CK_FEW_LANES)
#pragma clang attribute pop
static ck_tile_function *const avx2_tiles[CK_TILE_BLOCKS][CK_TILE_PIXELS] = {
    {EACH_TO_6(TILE_ENTRY, 1)}, {EACH_TO_3(TILE_ENTRY, 2)}};
static const ck_kernels avx2 = {
    "avx2", avx2_tiles, {6, 3}, {avx2_slopes_1}, {4}, avx2_few_slopes, 4,
    avx2_winograd_input, avx2_winograd_output, avx2_winograd_weights};
#undef NAME

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#define NAME(stem) avx512_##stem
#include "convolve.h"
#include "winograd.h"
EACH_TO_14(TILE, 1)
EACH_TO_14(TILE, 2)
EACH_TO_8(TILE, 3)
EACH_TO_6(TILE, 4)
SLOPES(slopes_1, 16, 1, 1, CK_LANES)
SLOPES(slopes_2, 8, 2, 1, CK_LANES)
SLOPES(few_slopes, 4, 1, 4, CK_FEW_LANES)
#pragma clang attribute pop
static ck_tile_function *const avx512_tiles[CK_TILE_BLOCKS][CK_TILE_PIXELS] = {
    {EACH_TO_14(TILE_ENTRY, 1)},
    {EACH_TO_14(TILE_ENTRY, 2)},
    {EACH_TO_8(TILE_ENTRY, 3)},
    {EACH_TO_6(TILE_ENTRY, 4)}};
static const ck_kernels avx512 = {
    "avx512", avx512_tiles, {14, 14, 8, 6}, {avx512_slopes_1, avx512_slopes_2}, {16, 8},
    avx512_few_slopes, 4, avx512_winograd_input, avx512_winograd_output,
    avx512_winograd_weights};
#undef NAME
#endif

/// What this machine has, best first; ends with the portable set.
static size_t available(const ck_kernels *list[3]) {
  size_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) list[count++] = &avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) list[count++] = &avx2;
#endif
  list[count++] = &portable;
  return count;
}

/// The named set, or NULL where this machine lacks it.
static const ck_kernels *find(const char *name) {
  const ck_kernels *list[3];
  const size_t count = available(list);
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i]->name, name) == 0) return list[i];
  return NULL;
}

/// What `ck_isa_choose` told this thread.
static _Thread_local const ck_kernels *told;

const ck_kernels *ck_chosen(void) {
  if (told) return told;
  const char *wish = getenv("FOVEA_INSTRUCTION_SET");
  const ck_kernels *wished = wish ? find(wish) : NULL;
  const ck_kernels *list[3];
  available(list);
  return told = wished ? wished : list[0];
}

const char *ck_isa(void) {
  return ck_chosen()->name;
}

int ck_isa_choose(const char *isa) {
  const ck_kernels *found = find(isa);
  if (found) told = found;
  return found ? 0 : -1;
}
