// SPDX-License-Identifier: Apache-2.0
//
// The correlation of flat planes for one instruction set. Included once for each, with
//   LANES       floats in a vector
//   OUTPUTS     output channels at a time, a divisor of CK_OUTPUT_BLOCK
//   NAME(stem)  the function's name
// SPANS vectors of positions at a time make OUTPUTS * SPANS sums, which must fit the registers.

#define VECTOR NAME(vector)
enum { NAME(spans) = 3 };

typedef float VECTOR __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

/// OUTPUTS channels at `spans` vectors of positions from `first` on.
static inline __attribute__((always_inline)) void NAME(correlate_spans)(
    const ck_flat *flat, size_t spans, const float *input, const float *weights, size_t first,
    float *output) {
  VECTOR sum[OUTPUTS][NAME(spans)];
#pragma clang loop unroll(full)
  for (size_t o = 0; o < OUTPUTS; o++)
#pragma clang loop unroll(full)
    for (size_t s = 0; s < spans; s++) sum[o][s] = (VECTOR){0};
  for (size_t c = 0; c < flat->channels; c++)
    for (size_t ky = 0; ky < flat->kernel; ky++)
      for (size_t kx = 0; kx < flat->kernel; kx++) {
        const float *x = input + c * flat->plane + ky * flat->row + kx + first;
        const float *w = weights + ((c * flat->kernel + ky) * flat->kernel + kx) * CK_OUTPUT_BLOCK;
        VECTOR value[NAME(spans)];
#pragma clang loop unroll(full)
        for (size_t s = 0; s < spans; s++) value[s] = *(const VECTOR *)(x + s * LANES);
#pragma clang loop unroll(full)
        for (size_t o = 0; o < OUTPUTS; o++)
#pragma clang loop unroll(full)
          for (size_t s = 0; s < spans; s++) sum[o][s] += w[o] * value[s];
      }
#pragma clang loop unroll(full)
  for (size_t o = 0; o < OUTPUTS; o++)
#pragma clang loop unroll(full)
    for (size_t s = 0; s < spans; s++)
      *(VECTOR *)(output + o * flat->positions + first + s * LANES) = sum[o][s];
}

static void NAME(correlate)(const ck_flat *flat, const float *input, const float *weights,
                            float *output) {
  for (size_t o = 0; o < CK_OUTPUT_BLOCK; o += OUTPUTS) {
    float *planes = output + o * flat->positions;
    size_t first = 0;
    for (; first + NAME(spans) * LANES <= flat->positions; first += NAME(spans) * LANES)
      NAME(correlate_spans)(flat, NAME(spans), input, weights + o, first, planes);
    for (; first < flat->positions; first += LANES)
      NAME(correlate_spans)(flat, 1, input, weights + o, first, planes);
  }
}

/// Adds each vector's lanes to its sum. Out of line, or the compiler plans the loop's registers for
/// this.
static __attribute__((noinline)) void NAME(fold)(size_t taps,
                                                 const VECTOR (*restrict vectors)[OUTPUTS],
                                                 float *restrict sums) {
  for (size_t t = 0; t < taps; t++)
    for (size_t o = 0; o < OUTPUTS; o++) {
      float total = 0;
#pragma clang loop unroll(full)
      for (size_t lane = 0; lane < LANES; lane++) total += vectors[t][o][lane];
      sums[t * CK_OUTPUT_BLOCK + o] += total;
    }
}

/// Adds to `sums` the gradients of OUTPUTS channels' weights at `taps` taps of one kernel row.
static inline __attribute__((always_inline)) void NAME(gradient_taps)(
    const ck_flat *flat, size_t taps, const float *input, const float *gradient, float *sums) {
  VECTOR sum[OUTPUTS][NAME(spans)];
#pragma clang loop unroll(full)
  for (size_t o = 0; o < OUTPUTS; o++)
#pragma clang loop unroll(full)
    for (size_t t = 0; t < taps; t++) sum[o][t] = (VECTOR){0};
  for (size_t q = 0; q < flat->positions; q += LANES) {
    VECTOR value[NAME(spans)];
#pragma clang loop unroll(full)
    for (size_t t = 0; t < taps; t++) value[t] = *(const VECTOR *)(input + q + t);
#pragma clang loop unroll(full)
    for (size_t o = 0; o < OUTPUTS; o++) {
      const VECTOR slope = *(const VECTOR *)(gradient + o * flat->plane + q);
#pragma clang loop unroll(full)
      for (size_t t = 0; t < taps; t++) sum[o][t] += slope * value[t];
    }
  }
  VECTOR done[NAME(spans)][OUTPUTS];
#pragma clang loop unroll(full)
  for (size_t t = 0; t < taps; t++)
#pragma clang loop unroll(full)
    for (size_t o = 0; o < OUTPUTS; o++) done[t][o] = sum[o][t];
  NAME(fold)(taps, done, sums);
}

static void NAME(correlate_gradient)(const ck_flat *flat, const float *input,
                                     const float *gradient, float *sums) {
  for (size_t o = 0; o < CK_OUTPUT_BLOCK; o += OUTPUTS)
    for (size_t c = 0; c < flat->channels; c++)
      for (size_t ky = 0; ky < flat->kernel; ky++) {
        const float *x = input + c * flat->plane + ky * flat->row;
        const float *g = gradient + o * flat->plane;
        float *s = sums + (c * flat->kernel + ky) * flat->kernel * CK_OUTPUT_BLOCK + o;
        size_t kx = 0;
        for (; kx + NAME(spans) <= flat->kernel; kx += NAME(spans))
          NAME(gradient_taps)(flat, NAME(spans), x + kx, g, s + kx * CK_OUTPUT_BLOCK);
        for (; kx < flat->kernel; kx++)
          NAME(gradient_taps)(flat, 1, x + kx, g, s + kx * CK_OUTPUT_BLOCK);
      }
}

#undef VECTOR
