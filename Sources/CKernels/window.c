// SPDX-License-Identifier: Apache-2.0
#include "CKernels.h"

#include <string.h>

#include "clones.h"

/// The output positions [first, last) along one axis at which a tap reads inside the image.
typedef struct {
  size_t first, last;
} span;

static inline __attribute__((always_inline)) span inside(size_t tap, size_t stride, size_t padding,
                                                         size_t size, size_t out_size) {
  span s = {0, 0};
  if (tap < padding) s.first = (padding - tap + stride - 1) / stride;
  if (size + padding > tap) s.last = (size + padding - tap - 1) / stride + 1;
  if (s.last > out_size) s.last = out_size;
  if (s.first > s.last) s.first = s.last;
  return s;
}

static inline __attribute__((always_inline)) void copy_strided(size_t count, size_t stride,
                                                               const float *restrict from,
                                                               float *restrict to) {
  if (stride == 1) {
    memcpy(to, from, count * sizeof(float));
  } else if (stride == 2) {
    for (size_t i = 0; i < count; i++) to[i] = from[2 * i];
  } else {
    for (size_t i = 0; i < count; i++) to[i] = from[stride * i];
  }
}

CK_CLONES
void ck_unroll_f32(const ck_window *window, const float *image, size_t row_stride,
                   float *columns) {
  const ck_window w = *window;
  for (size_t c = 0; c < w.channels; c++) {
    const float *plane = image + c * w.height * w.width;
    for (size_t ky = 0; ky < w.kernel; ky++) {
      const span rows = inside(ky, w.stride, w.padding, w.height, w.out_height);
      for (size_t kx = 0; kx < w.kernel; kx++) {
        const span cols = inside(kx, w.stride, w.padding, w.width, w.out_width);
        float *to = columns + ((c * w.kernel + ky) * w.kernel + kx) * row_stride;
        memset(to, 0, rows.first * w.out_width * sizeof(float));
        for (size_t oy = rows.first; oy < rows.last; oy++) {
          float *line = to + oy * w.out_width;
          const float *from = plane + (oy * w.stride + ky - w.padding) * w.width;
          for (size_t i = 0; i < cols.first; i++) line[i] = 0;
          if (cols.last > cols.first)
            copy_strided(cols.last - cols.first, w.stride,
                         from + cols.first * w.stride + kx - w.padding, line + cols.first);
          for (size_t i = cols.last; i < w.out_width; i++) line[i] = 0;
        }
        memset(to + rows.last * w.out_width, 0,
               (w.out_height - rows.last) * w.out_width * sizeof(float));
      }
    }
  }
}

CK_CLONES
void ck_fold_f32(const ck_window *window, const float *columns, size_t row_stride, float *image) {
  const ck_window w = *window;
  for (size_t c = 0; c < w.channels; c++) {
    float *plane = image + c * w.height * w.width;
    for (size_t ky = 0; ky < w.kernel; ky++) {
      const span rows = inside(ky, w.stride, w.padding, w.height, w.out_height);
      for (size_t kx = 0; kx < w.kernel; kx++) {
        const span cols = inside(kx, w.stride, w.padding, w.width, w.out_width);
        const float *from = columns + ((c * w.kernel + ky) * w.kernel + kx) * row_stride;
        if (cols.last == cols.first) continue;
        const size_t count = cols.last - cols.first;
        for (size_t oy = rows.first; oy < rows.last; oy++) {
          const float *restrict line = from + oy * w.out_width + cols.first;
          float *restrict to = plane + (oy * w.stride + ky - w.padding) * w.width +
                               cols.first * w.stride + kx - w.padding;
          if (w.stride == 1)
            for (size_t i = 0; i < count; i++) to[i] += line[i];
          else
            for (size_t i = 0; i < count; i++) to[i * w.stride] += line[i];
        }
      }
    }
  }
}
