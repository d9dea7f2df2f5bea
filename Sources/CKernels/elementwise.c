// SPDX-License-Identifier: Apache-2.0
#include "CKernels.h"
#include "clones.h"

// Off, so that the last bit does not depend on the instruction set or the optimisation level.
#pragma STDC FP_CONTRACT OFF

CK_CLONES
float ck_squared_norm_f32(size_t count, const float *x) {
  float lane[CK_LANES] = {0}, sum = 0;
  size_t i = 0;
  for (; i + CK_LANES <= count; i += CK_LANES)
    for (size_t l = 0; l < CK_LANES; l++) lane[l] += x[i + l] * x[i + l];
  for (size_t l = 0; i < count; i++, l++) lane[l] += x[i] * x[i];
  for (size_t l = 0; l < CK_LANES; l++) sum += lane[l];
  return sum;
}

CK_CLONES
void ck_rectify_f32(size_t count, const float *x, float *y) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

CK_CLONES
void ck_rectify_gradient_f32(size_t count, const float *restrict y, float *restrict g) {
  for (size_t i = 0; i < count; i++) g[i] = y[i] > 0 ? g[i] : 0;
}

CK_CLONES
void ck_add_f32(size_t count, const float *restrict x, float *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}
