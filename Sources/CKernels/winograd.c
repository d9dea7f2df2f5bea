// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

// Winograd's convolution: tiles of 6x6 inputs are transformed, multiplied by transformed weights
// at each of 36 points, and transformed back to tiles of 4x4 outputs, with a quarter of a direct
// convolution's multiplications (Lavin and Gray 2016).

enum {
  POINTS = 36,
  TILE = 4,
  /// How many floats of transformed tiles are worked on at once, and the fewest vectors.
  CACHED_FLOATS = 256 * 1024,
  FEWEST_VECTORS = 28,
};

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t blocks_of(size_t channels) {
  return (channels + CK_LANES - 1) / CK_LANES;
}

static size_t tiles_along(size_t length) {
  return (length + TILE - 1) / TILE;
}

/// One tile's floats at one point for `blocks` blocks of channels. A vector more than that, so
/// that a tile's points do not compete for the same place in the cache.
static size_t plane_floats(size_t blocks, size_t vectors) {
  return (blocks * vectors + 1) * CK_LANES;
}

/// How many tiles of all images are worked on at once.
static size_t tiles_at_once(const ck_images *input, size_t outputs) {
  const size_t floats = POINTS * (input->channels + outputs);
  const size_t vectors = CACHED_FLOATS / floats < FEWEST_VECTORS ? FEWEST_VECTORS
                                                                 : CACHED_FLOATS / floats;
  const size_t tiles = (vectors + input->images - 1) / input->images;
  return smaller(tiles, tiles_along(input->height) * tiles_along(input->width));
}

int ck_winograd_suits(const ck_images *images, const ck_window *window, size_t outputs) {
  if (window->kernel != 3 || window->stride != 1 || window->padding != 1) return 0;
  if (images->lanes != CK_LANES || images->channels < 32 || outputs < 32) return 0;
  const size_t h = images->height, w = images->width;
  const size_t tiles = tiles_along(h) * tiles_along(w);
  // What a direct convolution would multiply, without the taps that fall into padding.
  const size_t direct = (3 * h - 2) * (3 * w - 2);
  // Large weights must be used often to be worth fetching.
  const int reused = images->channels * outputs * POINTS <= (5u << 19) || tiles >= 8;
  return reused && direct * 5 >= tiles * POINTS * 9;
}

size_t ck_winograd_weights_floats(size_t inputs, size_t outputs) {
  return POINTS * blocks_of(inputs) * blocks_of(outputs) * CK_LANES * CK_LANES;
}

void ck_winograd_weights_f32(size_t inputs, size_t outputs, size_t block, int turned,
                             const float *packed, float *transformed) {
  const ck_kernels *kernels = ck_chosen();
  const size_t square = CK_LANES * CK_LANES, input_blocks = blocks_of(inputs);
  const size_t plane = blocks_of(outputs) * input_blocks * square;
  for (size_t in = 0; in < input_blocks; in++)
    for (size_t i = 0; i < CK_LANES; i++)
      kernels->winograd_weights(
          packed + (block * input_blocks + in) * 9 * square + i * CK_LANES, (ptrdiff_t)square,
          turned, (ptrdiff_t)plane, transformed + (block * input_blocks + in) * square + i * CK_LANES);
}

size_t ck_winograd_scratch_floats(const ck_images *input, size_t outputs) {
  const size_t vectors = tiles_at_once(input, outputs) * input->images;
  return POINTS * (plane_floats(blocks_of(input->channels), vectors) +
                   plane_floats(blocks_of(outputs), vectors));
}

/// The part of an image that a run of tiles covers, and where its transform lies.
typedef struct {
  const ck_images *images;
  size_t first, count;
} tile_run;

static ck_winograd_tile tile_of(const tile_run *run, size_t plane) {
  const size_t column = run->images->images * CK_LANES;
  return (ck_winograd_tile){.row = (ptrdiff_t)(run->images->width * column),
                            .column = (ptrdiff_t)column,
                            .plane = (ptrdiff_t)plane};
}

static void transform_inputs(const ck_kernels *kernels, const tile_run *run, const float *source,
                             float *tiles) {
  const ck_images *images = run->images;
  const size_t blocks = blocks_of(images->channels), vectors = run->count * images->images;
  const size_t across = tiles_along(images->width);
  const size_t block_floats = images->height * images->width * images->images * CK_LANES;
  ck_winograd_tile tile = tile_of(run, plane_floats(blocks, vectors));
  for (size_t b = 0; b < blocks; b++)
    for (size_t t = 0; t < run->count; t++) {
      const size_t y = (run->first + t) / across * TILE, x = (run->first + t) % across * TILE;
      // The tile begins one pixel above and to the left of its outputs.
      tile.top = y == 0, tile.left = x == 0;
      tile.bottom = smaller(6, images->height + 1 - y);
      tile.right = smaller(6, images->width + 1 - x);
      const float *from = source + b * block_floats + ((ptrdiff_t)y - 1) * tile.row +
                          ((ptrdiff_t)x - 1) * tile.column;
      float *to = tiles + (b * vectors + t * images->images) * CK_LANES;
      for (size_t i = 0; i < images->images; i++)
        kernels->winograd_input(&tile, from + i * CK_LANES, to + i * CK_LANES);
    }
}

static void transform_outputs(const ck_kernels *kernels, const tile_run *run,
                              const ck_finish *finish, const float *products, float *target) {
  const ck_images *images = run->images;
  const size_t blocks = blocks_of(images->channels), vectors = run->count * images->images;
  const size_t across = tiles_along(images->width);
  const size_t block_floats = images->height * images->width * images->images * CK_LANES;
  ck_winograd_tile tile = tile_of(run, plane_floats(blocks, vectors));
  for (size_t b = 0; b < blocks; b++)
    for (size_t t = 0; t < run->count; t++) {
      const size_t y = (run->first + t) / across * TILE, x = (run->first + t) % across * TILE;
      tile.bottom = smaller(TILE, images->height - y);
      tile.right = smaller(TILE, images->width - x);
      const size_t place = b * block_floats + y * (size_t)tile.row + x * (size_t)tile.column;
      const float *from = products + (b * vectors + t * images->images) * CK_LANES;
      for (size_t i = 0; i < images->images; i++) {
        const ck_finish here = {finish->bias ? finish->bias + b * CK_LANES : NULL,
                                finish->residual ? finish->residual + place + i * CK_LANES : NULL,
                                finish->rectified};
        kernels->winograd_output(&tile, &here, from + i * CK_LANES, target + place + i * CK_LANES);
      }
    }
}

void ck_winograd_f32(const ck_images *input, const ck_images *output, const float *weights,
                     const ck_finish *finish, float *scratch, const float *source,
                     float *target) {
  const ck_kernels *kernels = ck_chosen();
  const size_t inputs = blocks_of(input->channels), outputs = blocks_of(output->channels);
  const size_t square = CK_LANES * CK_LANES;
  const size_t count = tiles_along(input->height) * tiles_along(input->width);
  const size_t most = tiles_at_once(input, output->channels);
  for (size_t first = 0; first < count; first += most) {
    const tile_run from = {input, first, smaller(most, count - first)};
    const tile_run to = {output, first, from.count};
    const size_t vectors = from.count * input->images;
    const size_t input_plane = plane_floats(inputs, vectors);
    const size_t output_plane = plane_floats(outputs, vectors);
    float *products = scratch + POINTS * input_plane;
    transform_inputs(kernels, &from, source, scratch);
    const ck_tile tile = {
        .channels = inputs * CK_LANES, .rows = 1, .columns = 1,
        .weights_source = (ptrdiff_t)square,
        .weights_target = (ptrdiff_t)(inputs * square),
        .source_block = (ptrdiff_t)(vectors * CK_LANES),
        .target_block = (ptrdiff_t)(vectors * CK_LANES),
    };
    for (size_t p = 0; p < POINTS; p++) {
      ck_tile here = tile;
      here.weights = weights + p * outputs * inputs * square;
      ck_correlate_run(kernels, here, CK_LANES, outputs, vectors, scratch + p * input_plane, NULL,
                       products + p * output_plane);
    }
    transform_outputs(kernels, &to, finish, products, target);
  }
}
