// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "CKernels.h"

// On: sums are fused where the instruction set can, so its last bits are the set's own.
#pragma STDC FP_CONTRACT ON

#define LANES 4
#define OUTPUTS 4
#define NAME(stem) portable_##stem
#include "correlate.h"
#undef LANES
#undef OUTPUTS
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define OUTPUTS 4
#define NAME(stem) avx2_##stem
#include "correlate.h"
#undef LANES
#undef OUTPUTS
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#define LANES 16
#define OUTPUTS 8
#define NAME(stem) avx512_##stem
#include "correlate.h"
#pragma clang attribute pop
#endif

typedef struct {
  const char *name;
  void (*correlate)(const ck_flat *, const float *, const float *, float *);
  void (*correlate_gradient)(const ck_flat *, const float *, const float *, float *);
} kernels;

/// What this machine has, best first; ends with the portable set.
static size_t available(kernels list[3]) {
  size_t count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f"))
    list[count++] = (kernels){"avx512", avx512_correlate, avx512_correlate_gradient};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    list[count++] = (kernels){"avx2", avx2_correlate, avx2_correlate_gradient};
#endif
  list[count++] = (kernels){"portable", portable_correlate, portable_correlate_gradient};
  return count;
}

/// How many of the best sets this thread passes over.
static _Thread_local size_t passed_over;

static kernels chosen(void) {
  kernels list[3];
  const size_t count = available(list);
  return list[passed_over < count ? passed_over : count - 1];
}

const char *ck_isa(void) {
  return chosen().name;
}

int ck_isa_choose(const char *isa) {
  kernels list[3];
  const size_t count = available(list);
  for (size_t i = 0; i < count; i++)
    if (strcmp(list[i].name, isa) == 0) {
      passed_over = i;
      return 0;
    }
  return -1;
}

void ck_correlate_f32(const ck_flat *flat, const float *input, const float *weights,
                      float *output) {
  chosen().correlate(flat, input, weights, output);
}

void ck_correlate_gradient_f32(const ck_flat *flat, const float *input, const float *gradient,
                               float *sums) {
  chosen().correlate_gradient(flat, input, gradient, sums);
}
