// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "CKernels.h"
#include "clones.h"

ck_flat ck_flat_layout(size_t channels, size_t images, size_t height, size_t width,
                       size_t kernel) {
  const size_t margin = kernel / 2;
  ck_flat flat = {channels, images, height, width, kernel, width + margin, 0, 0};
  const size_t rows = images * (height + margin) - margin;
  flat.positions = ((rows - 1) * flat.row + width + 15) / 16 * 16;
  flat.plane = (flat.positions + 2 * margin * (flat.row + 1) + 15) / 16 * 16;
  return flat;
}

// Rows are short, so calls of memcpy would cost more than what they copy.
CK_CLONES __attribute__((no_builtin("memcpy", "memset")))
void ck_flatten_f32(const ck_flat *flat, const float *images, size_t image_stride,
                    float *planes) {
  const ck_flat f = *flat;
  const size_t margin = f.kernel / 2;
  for (size_t c = 0; c < f.channels; c++) {
    float *restrict to = planes + c * f.plane;
    const float *restrict from = images + c * f.height * f.width;
    size_t written = 0;
    for (size_t image = 0; image < f.images; image++) {
      size_t place = (image * (f.height + margin) + margin) * f.row + margin;
      for (size_t y = 0; y < f.height; y++, place += f.row) {
        for (; written < place; written++) to[written] = 0;
        const float *restrict line = from + image * image_stride + y * f.width;
        for (size_t x = 0; x < f.width; x++) to[place + x] = line[x];
        written = place + f.width;
      }
    }
    for (; written < f.plane; written++) to[written] = 0;
  }
}

CK_CLONES __attribute__((no_builtin("memcpy")))
void ck_unflatten_f32(const ck_flat *flat, size_t channels, const float *planes, float *images,
                      size_t image_stride) {
  const ck_flat f = *flat;
  for (size_t c = 0; c < channels; c++)
    for (size_t image = 0; image < f.images; image++) {
      const float *restrict from =
          planes + c * f.positions + image * (f.height + f.kernel / 2) * f.row;
      float *restrict to = images + image * image_stride + c * f.height * f.width;
      for (size_t y = 0; y < f.height; y++)
        for (size_t x = 0; x < f.width; x++) to[y * f.width + x] = from[y * f.row + x];
    }
}
