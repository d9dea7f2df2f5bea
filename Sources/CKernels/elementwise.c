// SPDX-License-Identifier: Apache-2.0
#include "CKernels.h"
#include "clones.h"

// Off, so that the last bit does not depend on the instruction set or the optimisation level.
#pragma STDC FP_CONTRACT OFF

enum { lanes = 16 };

static inline __attribute__((always_inline)) float folded(const float *lane) {
  float sum = 0;
  for (size_t l = 0; l < lanes; l++) sum += lane[l];
  return sum;
}

CK_CLONES
float ck_sum_f32(size_t count, const float *x) {
  float lane[lanes] = {0};
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (size_t l = 0; l < lanes; l++) lane[l] += x[i + l];
  for (size_t l = 0; i < count; i++, l++) lane[l] += x[i];
  return folded(lane);
}

CK_CLONES
float ck_squared_deviation_f32(size_t count, float centre, const float *x) {
  float lane[lanes] = {0};
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (size_t l = 0; l < lanes; l++) {
      const float d = x[i + l] - centre;
      lane[l] += d * d;
    }
  for (size_t l = 0; i < count; i++, l++) {
    const float d = x[i] - centre;
    lane[l] += d * d;
  }
  return folded(lane);
}

float ck_squared_norm_f32(size_t count, const float *x) {
  return ck_squared_deviation_f32(count, 0, x);
}

CK_CLONES
void ck_normalise_f32(size_t count, float centre, float scale, float shift, const float *x,
                      float *y) {
  for (size_t i = 0; i < count; i++) y[i] = scale * (x[i] - centre) + shift;
}

CK_CLONES
void ck_normalise_rectified_f32(size_t count, float centre, float scale, float shift,
                                const float *x, float *y) {
  for (size_t i = 0; i < count; i++) {
    const float v = scale * (x[i] - centre) + shift;
    y[i] = v > 0 ? v : 0;
  }
}

CK_CLONES
void ck_normalise_gradient_sums_f32(size_t count, float centre, const float *x, const float *g,
                                    double *sums) {
  float plain[lanes] = {0}, weighted[lanes] = {0};
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (size_t l = 0; l < lanes; l++) {
      plain[l] += g[i + l];
      weighted[l] += g[i + l] * (x[i + l] - centre);
    }
  for (size_t l = 0; i < count; i++, l++) {
    plain[l] += g[i];
    weighted[l] += g[i] * (x[i] - centre);
  }
  sums[0] += folded(plain);
  sums[1] += folded(weighted);
}

CK_CLONES
void ck_normalise_gradient_f32(size_t count, float centre, float scale, float shift, float slope,
                               const float *restrict x, float *restrict g) {
  for (size_t i = 0; i < count; i++) g[i] = scale * (g[i] - shift) - slope * (x[i] - centre);
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

CK_CLONES
void ck_add_rectified_f32(size_t count, const float *restrict x, float *restrict y) {
  for (size_t i = 0; i < count; i++) {
    const float v = y[i] + x[i];
    y[i] = v > 0 ? v : 0;
  }
}

CK_CLONES
void ck_add_constant_f32(size_t count, float constant, float *y) {
  for (size_t i = 0; i < count; i++) y[i] += constant;
}
