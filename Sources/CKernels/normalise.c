// SPDX-License-Identifier: Apache-2.0
#include "CKernels.h"
#include "clones.h"

// Off, so that the last bit does not depend on the instruction set or the optimisation level.
#pragma STDC FP_CONTRACT OFF

/// How many vectors are summed in single precision before they join the sums in double.
enum { RUN = 64 };

CK_CLONES
void ck_moments_f32(size_t count, const float *centre, const float *x, double *sums) {
  while (count > 0) {
    const size_t run = count < RUN ? count : RUN;
    float plain[CK_LANES] = {0}, squared[CK_LANES] = {0};
    for (size_t i = 0; i < run; i++)
      for (size_t l = 0; l < CK_LANES; l++) {
        const float d = x[i * CK_LANES + l] - centre[l];
        plain[l] += d;
        squared[l] += d * d;
      }
    for (size_t l = 0; l < CK_LANES; l++) {
      sums[l] += (double)plain[l];
      sums[CK_LANES + l] += (double)squared[l];
    }
    count -= run;
    x += run * CK_LANES;
  }
}

CK_CLONES
void ck_normalise_f32(size_t count, const ck_channel_map *map, const float *x,
                      const float *residual, int rectified, float *y) {
  float centre[CK_LANES], scale[CK_LANES], shift[CK_LANES];
  for (size_t l = 0; l < CK_LANES; l++)
    centre[l] = map->centre[l], scale[l] = map->scale[l], shift[l] = map->shift[l];
  const float floor = rectified ? 0 : -__builtin_inff();
  if (residual)
    for (size_t i = 0; i < count; i++)
      for (size_t l = 0; l < CK_LANES; l++) {
        const size_t p = i * CK_LANES + l;
        const float v = scale[l] * (x[p] - centre[l]) + shift[l] + residual[p];
        y[p] = v > floor ? v : floor;
      }
  else
    for (size_t i = 0; i < count; i++)
      for (size_t l = 0; l < CK_LANES; l++) {
        const size_t p = i * CK_LANES + l;
        const float v = scale[l] * (x[p] - centre[l]) + shift[l];
        y[p] = v > floor ? v : floor;
      }
}

CK_CLONES
void ck_normalise_back_sums_f32(size_t count, const float *centre, const float *x,
                                const float *output, float *gradient, double *sums) {
  while (count > 0) {
    const size_t run = count < RUN ? count : RUN;
    float plain[CK_LANES] = {0}, weighted[CK_LANES] = {0};
    if (output) {
      for (size_t p = 0; p < run * CK_LANES; p++) gradient[p] = output[p] > 0 ? gradient[p] : 0;
      output += run * CK_LANES;
    }
    for (size_t i = 0; i < run; i++)
      for (size_t l = 0; l < CK_LANES; l++) {
        const float g = gradient[i * CK_LANES + l];
        plain[l] += g;
        weighted[l] += g * (x[i * CK_LANES + l] - centre[l]);
      }
    for (size_t l = 0; l < CK_LANES; l++) {
      sums[l] += (double)plain[l];
      sums[CK_LANES + l] += (double)weighted[l];
    }
    count -= run;
    x += run * CK_LANES;
    gradient += run * CK_LANES;
  }
}

CK_CLONES
void ck_normalise_back_f32(size_t count, const ck_channel_map *map, const float *slope,
                           const float *x, const float *gradient, float *input_gradient) {
  float centre[CK_LANES], scale[CK_LANES], shift[CK_LANES], tilt[CK_LANES];
  for (size_t l = 0; l < CK_LANES; l++)
    centre[l] = map->centre[l], scale[l] = map->scale[l], shift[l] = map->shift[l],
    tilt[l] = slope[l];
  for (size_t i = 0; i < count; i++)
    for (size_t l = 0; l < CK_LANES; l++) {
      const size_t p = i * CK_LANES + l;
      input_gradient[p] = scale[l] * (gradient[p] - shift[l]) - tilt[l] * (x[p] - centre[l]);
    }
}
