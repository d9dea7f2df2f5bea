// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "CKernels.h"

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

void ck_block_f32(const ck_images *images, const float *planar, float *blocked) {
  const size_t plane = images->height * images->width, lanes = images->lanes;
  const size_t count = images->images, pixel = count * lanes;
  for (size_t first = 0; first < images->channels; first += lanes) {
    const size_t used = smaller(lanes, images->channels - first);
    for (size_t y = 0; y < images->height; y++, blocked += images->width * pixel)
      for (size_t i = 0; i < count; i++) {
        const float *row = planar + (i * images->channels + first) * plane + y * images->width;
        for (size_t x = 0; x < images->width; x++) {
          float *to = blocked + x * pixel + i * lanes;
          for (size_t l = 0; l < used; l++) to[l] = row[l * plane + x];
          for (size_t l = used; l < lanes; l++) to[l] = 0;
        }
      }
  }
}

void ck_unblock_f32(const ck_images *images, const float *blocked, float *planar) {
  const size_t plane = images->height * images->width, lanes = images->lanes;
  const size_t count = images->images, pixel = count * lanes;
  for (size_t first = 0; first < images->channels; first += lanes) {
    const size_t used = smaller(lanes, images->channels - first);
    for (size_t y = 0; y < images->height; y++, blocked += images->width * pixel)
      for (size_t i = 0; i < count; i++) {
        float *row = planar + (i * images->channels + first) * plane + y * images->width;
        for (size_t x = 0; x < images->width; x++) {
          const float *from = blocked + x * pixel + i * lanes;
          for (size_t l = 0; l < used; l++) row[l * plane + x] = from[l];
        }
      }
  }
}

void ck_pack_weights_f32(const ck_weights *w, size_t block, const float *plain, float *packed) {
  const size_t tap_floats = w->lanes * CK_LANES;
  const size_t first = block * CK_LANES, plain_output = w->inputs * w->taps;
  const size_t outputs = smaller(CK_LANES, w->outputs - first);
  const size_t input_blocks = (w->inputs + w->lanes - 1) / w->lanes;
  float *to = packed + block * input_blocks * w->taps * tap_floats;
  memset(to, 0, input_blocks * w->taps * tap_floats * sizeof *to);
  for (size_t i = 0; i < w->inputs; i++) {
    float *column = to + i / w->lanes * w->taps * tap_floats + i % w->lanes * CK_LANES;
    for (size_t o = 0; o < outputs; o++) {
      const float *from = plain + (first + o) * plain_output + i * w->taps;
      for (size_t t = 0; t < w->taps; t++) column[t * tap_floats + o] = from[t];
    }
  }
}

void ck_pack_weights_back_f32(const ck_weights *w, size_t block, const float *plain,
                              float *packed) {
  const size_t tap_floats = CK_LANES * CK_LANES;
  const size_t first = block * CK_LANES, plain_output = w->inputs * w->taps;
  const size_t inputs = smaller(CK_LANES, w->inputs - first);
  const size_t output_blocks = (w->outputs + CK_LANES - 1) / CK_LANES;
  float *to = packed + block * output_blocks * w->taps * tap_floats;
  memset(to, 0, output_blocks * w->taps * tap_floats * sizeof *to);
  for (size_t o = 0; o < w->outputs; o++) {
    float *column = to + o / CK_LANES * w->taps * tap_floats + o % CK_LANES * CK_LANES;
    for (size_t i = 0; i < inputs; i++) {
      const float *from = plain + o * plain_output + (first + i) * w->taps;
      for (size_t t = 0; t < w->taps; t++) column[t * tap_floats + i] = from[t];
    }
  }
}

void ck_add_packed_f32(const ck_weights *w, size_t block, const float *packed, float *plain) {
  const size_t tap_floats = w->lanes * CK_LANES;
  const size_t first = block * CK_LANES, plain_output = w->inputs * w->taps;
  const size_t outputs = smaller(CK_LANES, w->outputs - first);
  const size_t input_blocks = (w->inputs + w->lanes - 1) / w->lanes;
  const float *from = packed + block * input_blocks * w->taps * tap_floats;
  for (size_t i = 0; i < w->inputs; i++) {
    const float *column = from + i / w->lanes * w->taps * tap_floats + i % w->lanes * CK_LANES;
    for (size_t o = 0; o < outputs; o++) {
      float *to = plain + (first + o) * plain_output + i * w->taps;
      for (size_t t = 0; t < w->taps; t++) to[t] += column[t * tap_floats + o];
    }
  }
}

void ck_copy_corner_f32(const ck_images *from, const ck_images *to, const float *source,
                        float *target) {
  const size_t pixel = from->images * from->lanes;
  const size_t height = smaller(from->height, to->height);
  const size_t width = smaller(from->width, to->width);
  for (size_t first = 0; first < from->channels; first += from->lanes) {
    memset(target, 0, to->height * to->width * pixel * sizeof *target);
    for (size_t y = 0; y < height; y++)
      memcpy(target + y * to->width * pixel, source + y * from->width * pixel,
             width * pixel * sizeof *target);
    source += from->height * from->width * pixel;
    target += to->height * to->width * pixel;
  }
}
