// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "CKernels.h"
#include "clones.h"

/// The part of a pooling window that lies inside the input.
typedef struct {
  size_t top, bottom, left, right;
} inside;

static size_t first_inside(const ck_window *window, size_t position) {
  const size_t start = position * window->stride;
  return start > window->padding ? start - window->padding : 0;
}

static size_t end_inside(const ck_window *window, size_t position, size_t length) {
  const size_t end = position * window->stride + window->kernel - window->padding;
  return end < length ? end : length;
}

static inside window_at(const ck_images *input, const ck_window *window, size_t y, size_t x) {
  return (inside){first_inside(window, y), end_inside(window, y, input->height),
                  first_inside(window, x), end_inside(window, x, input->width)};
}

static size_t blocks_of(const ck_images *images) {
  return (images->channels + CK_LANES - 1) / CK_LANES;
}

/// The floats of all images at one position of one channel block.
static size_t position_floats(const ck_images *images) {
  return images->images * CK_LANES;
}

CK_CLONES
static void keep_larger(size_t count, const float *restrict x, float *restrict y) {
  for (size_t p = 0; p < count; p++) y[p] = x[p] > y[p] ? x[p] : y[p];
}

void ck_max_pool_f32(const ck_images *input, const ck_images *output, const ck_window *window,
                     const float *source, float *target) {
  const size_t position = position_floats(input);
  for (size_t b = 0; b < blocks_of(input); b++, source += input->height * input->width * position)
    for (size_t y = 0; y < output->height; y++)
      for (size_t x = 0; x < output->width; x++, target += position) {
        const inside in = window_at(input, window, y, x);
        memcpy(target, source + (in.top * input->width + in.left) * position,
               position * sizeof *target);
        for (size_t v = in.top; v < in.bottom; v++)
          for (size_t u = in.left; u < in.right; u++)
            keep_larger(position, source + (v * input->width + u) * position, target);
      }
}

/// Gives what is left of the gradient to the inputs that equal the output, and takes it away.
CK_CLONES
static void give_to_equal(size_t count, const float *restrict x, const float *restrict y,
                          float *restrict left, float *restrict gradient) {
  for (size_t p = 0; p < count; p++) {
    const float share = x[p] == y[p] ? left[p] : 0;
    gradient[p] += share;
    left[p] = x[p] == y[p] ? 0 : left[p];
  }
}

void ck_max_pool_back_f32(const ck_images *input, const ck_images *output,
                          const ck_window *window, const float *source, const float *target,
                          float *gradient, float *input_gradient) {
  const size_t position = position_floats(input);
  const size_t block = input->height * input->width * position;
  memset(input_gradient, 0, blocks_of(input) * block * sizeof *input_gradient);
  for (size_t b = 0; b < blocks_of(input); b++, source += block, input_gradient += block)
    for (size_t y = 0; y < output->height; y++)
      for (size_t x = 0; x < output->width; x++, target += position, gradient += position) {
        const inside in = window_at(input, window, y, x);
        for (size_t v = in.top; v < in.bottom; v++)
          for (size_t u = in.left; u < in.right; u++) {
            const size_t place = (v * input->width + u) * position;
            give_to_equal(position, source + place, target, gradient, input_gradient + place);
          }
      }
}

CK_CLONES
static void add_scaled(size_t count, float scale, const float *restrict x, float *restrict y) {
  for (size_t p = 0; p < count; p++) y[p] += scale * x[p];
}

static float share_of(const ck_window *window, inside in, int counts_padding) {
  return 1 / (float)(counts_padding ? window->kernel * window->kernel
                                    : (in.bottom - in.top) * (in.right - in.left));
}

void ck_average_pool_f32(const ck_images *input, const ck_images *output, const ck_window *window,
                         int counts_padding, const float *source, float *target) {
  const size_t position = position_floats(input);
  for (size_t b = 0; b < blocks_of(input); b++, source += input->height * input->width * position)
    for (size_t y = 0; y < output->height; y++)
      for (size_t x = 0; x < output->width; x++, target += position) {
        const inside in = window_at(input, window, y, x);
        const float share = share_of(window, in, counts_padding);
        memset(target, 0, position * sizeof *target);
        for (size_t v = in.top; v < in.bottom; v++)
          for (size_t u = in.left; u < in.right; u++)
            add_scaled(position, share, source + (v * input->width + u) * position, target);
      }
}

void ck_average_pool_back_f32(const ck_images *input, const ck_images *output,
                              const ck_window *window, int counts_padding, const float *gradient,
                              float *input_gradient) {
  const size_t position = position_floats(input);
  const size_t block = input->height * input->width * position;
  memset(input_gradient, 0, blocks_of(input) * block * sizeof *input_gradient);
  for (size_t b = 0; b < blocks_of(input); b++, input_gradient += block)
    for (size_t y = 0; y < output->height; y++)
      for (size_t x = 0; x < output->width; x++, gradient += position) {
        const inside in = window_at(input, window, y, x);
        const float share = share_of(window, in, counts_padding);
        for (size_t v = in.top; v < in.bottom; v++)
          for (size_t u = in.left; u < in.right; u++)
            add_scaled(position, share, gradient,
                       input_gradient + (v * input->width + u) * position);
      }
}

void ck_global_mean_f32(const ck_images *input, const float *source, float *target) {
  const size_t positions = input->height * input->width, position = position_floats(input);
  for (size_t b = 0; b < blocks_of(input); b++, source += positions * position)
    for (size_t i = 0; i < input->images; i++, target += CK_LANES) {
      float sum[CK_LANES] = {0};
      for (size_t p = 0; p < positions; p++)
        for (size_t l = 0; l < CK_LANES; l++) sum[l] += source[p * position + i * CK_LANES + l];
      for (size_t l = 0; l < CK_LANES; l++) target[l] = sum[l] / (float)positions;
    }
}

void ck_global_mean_back_f32(const ck_images *input, const float *gradient,
                             float *input_gradient) {
  const size_t positions = input->height * input->width, position = position_floats(input);
  for (size_t b = 0; b < blocks_of(input); b++, input_gradient += positions * position)
    for (size_t i = 0; i < input->images; i++, gradient += CK_LANES) {
      float share[CK_LANES];
      for (size_t l = 0; l < CK_LANES; l++) share[l] = gradient[l] / (float)positions;
      for (size_t p = 0; p < positions; p++)
        memcpy(input_gradient + p * position + i * CK_LANES, share, sizeof share);
    }
}
