// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

/// How many floats of weights stay in the second-level cache while an image passes.
enum { CACHED_WEIGHTS = 96 * 1024 };
/// How many pixels' gradients and inputs stay in the first-level cache while all taps pass.
enum { CACHED_PIXELS = 256 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t blocks_of(size_t channels) {
  return (channels + CK_LANES - 1) / CK_LANES;
}

/// From one row to the next, and from one channel block to the next, in floats.
static size_t row_floats(const ck_images *images) {
  return images->width * images->images * images->lanes;
}

static size_t block_floats(const ck_images *images) {
  return images->height * row_floats(images);
}

/// The taps that one position of the target reads along one axis.
typedef struct {
  size_t first, count;
  /// The position that the first tap reads, and how far apart taps and the positions they read are.
  ptrdiff_t source;
  size_t tap_step;
  ptrdiff_t source_step;
} axis_taps;

/// Of an output position: the taps that fall inside the input.
static axis_taps taps_forward(const ck_window *window, size_t source_length, size_t position) {
  const ptrdiff_t start = (ptrdiff_t)(position * window->stride) - (ptrdiff_t)window->padding;
  const ptrdiff_t first = start < 0 ? -start : 0;
  const ptrdiff_t room = (ptrdiff_t)source_length - start;
  const ptrdiff_t end = room < (ptrdiff_t)window->kernel ? room : (ptrdiff_t)window->kernel;
  return (axis_taps){(size_t)first, end > first ? (size_t)(end - first) : 0, start + first, 1, 1};
}

/// Of an input position: the taps through which outputs read it.
static axis_taps taps_backward(const ck_window *window, size_t source_length, size_t position) {
  const size_t sum = position + window->padding, stride = window->stride;
  size_t first = sum % stride;
  if (first <= sum && (sum - first) / stride >= source_length)
    first += ((sum - first) / stride - (source_length - 1)) * stride;
  if (first > sum || first >= window->kernel) return (axis_taps){0, 0, 0, stride, -1};
  const size_t last = smaller(window->kernel - 1, sum);
  return (axis_taps){first, (last - first) / stride + 1, (ptrdiff_t)((sum - first) / stride),
                     stride, -1};
}

typedef axis_taps taps_function(const ck_window *window, size_t source_length, size_t position);

/// How many output blocks a tile should take: two hide each other's loads; where pixels are few,
/// more blocks keep the registers busy.
static size_t tile_blocks(const ck_kernels *kernels, size_t pixels, size_t blocks) {
  if (blocks >= 4 && blocks % 2 == 0 && kernels->tile_pixels[3] >= pixels) return 4;
  if (blocks % 3 == 0 && kernels->tile_pixels[2] >= pixels) return 3;
  return blocks >= 2 && kernels->tile_pixels[1] > 0 ? 2 : 1;
}

void ck_correlate_run(const ck_kernels *kernels, ck_tile tile, size_t lanes, size_t blocks,
                      size_t pixels, const float *source, const float *residual, float *target) {
  for (size_t done = 0; done < blocks;) {
    const size_t wide = smaller(tile_blocks(kernels, pixels, blocks - done), blocks - done);
    const size_t most = kernels->tile_pixels[wide - 1];
    const size_t tiles = (pixels + most - 1) / most;
    for (size_t t = 0, first = 0; t < tiles; t++) {
      const size_t end = pixels * (t + 1) / tiles;
      kernels->tiles[wide - 1][end - first - 1](
          &tile, lanes, source + first * lanes,
          residual ? residual + first * CK_LANES : NULL, target + first * CK_LANES);
      first = end;
    }
    done += wide;
    tile.weights += (ptrdiff_t)wide * tile.weights_target;
    if (tile.bias) tile.bias += wide * CK_LANES;
    if (residual) residual += (ptrdiff_t)wide * tile.target_block;
    target += (ptrdiff_t)wide * tile.target_block;
  }
}

/// One row of the target, for some output blocks; `tile` has the weights of the row's first tap.
static void correlate_row(const ck_kernels *kernels, ck_tile tile, const ck_images *from,
                          const ck_images *to, const ck_window *window, taps_function *taps,
                          size_t blocks, const float *source, const float *residual,
                          float *target) {
  const float *weights = tile.weights;
  const size_t column = from->images * from->lanes;
  const int continuous = window->stride == 1;
  for (size_t x = 0; x < to->width;) {
    const axis_taps here = taps(window, from->width, x);
    size_t end = x + 1;
    for (; continuous && end < to->width; end++) {
      const axis_taps next = taps(window, from->width, end);
      if (next.first != here.first || next.count != here.count ||
          next.source != here.source + (ptrdiff_t)(end - x))
        break;
    }
    tile.columns = here.count;
    tile.weights = weights + here.first * from->lanes * CK_LANES;
    tile.weights_column = (ptrdiff_t)(here.tap_step * from->lanes * CK_LANES);
    tile.source_column = here.source_step * (ptrdiff_t)column;
    const size_t place = x * to->images * CK_LANES;
    ck_correlate_run(kernels, tile, from->lanes, blocks, (end - x) * to->images,
                     source + here.source * (ptrdiff_t)column, residual ? residual + place : NULL,
                     target + place);
    x = end;
  }
}

static void correlate(const ck_images *from, const ck_images *to, const ck_window *window,
                      taps_function *taps, size_t first_block, size_t end_block,
                      const float *weights, const ck_finish *finish, const float *source,
                      float *target) {
  const ck_kernels *kernels = ck_chosen();
  const size_t kernel_row = window->kernel * from->lanes * CK_LANES;
  const size_t block_weights = blocks_of(from->channels) * window->kernel * kernel_row;
  size_t cached = CACHED_WEIGHTS / block_weights / 4 * 4;
  if (cached == 0) cached = CACHED_WEIGHTS / block_weights >= 2 ? 2 : CK_TILE_BLOCKS;
  ck_tile tile = {
      .channels = from->channels,
      .weights_source = (ptrdiff_t)(window->kernel * kernel_row),
      .weights_target = (ptrdiff_t)block_weights,
      .source_block = (ptrdiff_t)block_floats(from),
      .target_block = (ptrdiff_t)block_floats(to),
      .rectified = finish->rectified,
  };
  for (size_t block = first_block; block < end_block; block += cached)
    for (size_t y = 0; y < to->height; y++) {
      const axis_taps rows = taps(window, from->height, y);
      const size_t place = block * block_floats(to) + y * row_floats(to);
      tile.rows = rows.count;
      tile.weights = weights + block * block_weights + rows.first * kernel_row;
      tile.weights_row = (ptrdiff_t)(rows.tap_step * kernel_row);
      tile.bias = finish->bias ? finish->bias + block * CK_LANES : NULL;
      tile.source_row = rows.source_step * (ptrdiff_t)row_floats(from);
      correlate_row(kernels, tile, from, to, window, taps, smaller(cached, end_block - block),
                    source + rows.source * (ptrdiff_t)row_floats(from),
                    finish->residual ? finish->residual + place : NULL, target + place);
    }
}

void ck_convolve_f32(const ck_images *input, const ck_images *output, const ck_window *window,
                     size_t first_block, size_t end_block, const float *weights,
                     const ck_finish *finish, const float *source, float *target) {
  correlate(input, output, window, taps_forward, first_block, end_block, weights, finish, source,
            target);
}

void ck_convolve_back_f32(const ck_images *input, const ck_images *output,
                          const ck_window *window, size_t first_block, size_t end_block,
                          const float *weights, const ck_finish *finish, const float *gradient,
                          float *input_gradient) {
  correlate(output, input, window, taps_backward, first_block, end_block, weights, finish,
            gradient, input_gradient);
}

/// The output positions, first and end, whose tap falls inside the input.
static void reached(const ck_window *window, size_t input_length, size_t output_length,
                    size_t tap, size_t *first, size_t *end) {
  const size_t stride = window->stride, padding = window->padding;
  *first = tap < padding ? (padding - tap + stride - 1) / stride : 0;
  *end = smaller(output_length, (input_length + padding + stride - 1 - tap) / stride);
  if (input_length + padding <= tap || *end < *first) *end = *first;
}

/// One tap's gradient over some rows of the output.
static void slopes_of_tap(const ck_kernels *kernels, const ck_images *input,
                          const ck_images *output, const ck_window *window, size_t blocks,
                          const size_t row[2], const size_t column[2], size_t ky, size_t kx,
                          const float *source, const float *gradient, float *sums,
                          ptrdiff_t sums_block) {
  const int few = input->lanes != CK_LANES;
  ck_slopes_function *function = few ? kernels->few_slopes : kernels->slopes[blocks - 1];
  const size_t inputs = few ? kernels->few_slopes_inputs : kernels->slopes_inputs[blocks - 1];
  const ptrdiff_t x_row = (ptrdiff_t)row_floats(input), g_row = (ptrdiff_t)row_floats(output);
  const ptrdiff_t x_column = (ptrdiff_t)(input->images * input->lanes);
  const ptrdiff_t g_column = (ptrdiff_t)(output->images * CK_LANES);
  const ptrdiff_t stride = (ptrdiff_t)window->stride;
  const ptrdiff_t y = (ptrdiff_t)(row[0] * window->stride + ky) - (ptrdiff_t)window->padding;
  const ptrdiff_t x = (ptrdiff_t)(column[0] * window->stride + kx) - (ptrdiff_t)window->padding;
  source += y * x_row + x * x_column;
  gradient += (ptrdiff_t)row[0] * g_row + (ptrdiff_t)column[0] * g_column;
  const size_t rows = row[1] - row[0], columns = column[1] - column[0];
  ck_slopes s = {.slopes_block = (ptrdiff_t)block_floats(output), .sums_block = sums_block};
  for (size_t i = 0; i < input->lanes; i += inputs) {
    float *to = sums + i * CK_LANES;
    if (window->stride == 1) {
      s.runs = rows, s.pixels = columns * output->images;
      s.source_run = x_row, s.slopes_run = g_row;
      function(&s, source + i, gradient, to);
    } else {
      s.runs = columns, s.pixels = output->images;
      s.source_run = stride * x_column, s.slopes_run = g_column;
      for (size_t r = 0; r < rows; r++)
        function(&s, source + i + (ptrdiff_t)r * stride * x_row, gradient + (ptrdiff_t)r * g_row,
                 to);
    }
  }
}

void ck_convolve_slopes_f32(const ck_images *input, const ck_images *output,
                            const ck_window *window, size_t first_block, size_t end_block,
                            size_t first_input_block, size_t end_input_block,
                            const float *source, const float *gradient, float *sums) {
  const ck_kernels *kernels = ck_chosen();
  const size_t tap = input->lanes * CK_LANES, taps = window->kernel * window->kernel;
  const size_t input_blocks = blocks_of(input->channels);
  const ptrdiff_t sums_block = (ptrdiff_t)(input_blocks * taps * tap);
  const size_t widest = kernels->slopes[1] && input->lanes == CK_LANES ? 2 : 1;
  const size_t chunk = 1 + (CACHED_PIXELS - 1) / (output->width * output->images);
  for (size_t block = first_block, wide; block < end_block; block += wide) {
    wide = smaller(widest, end_block - block);
    const float *slopes = gradient + block * block_floats(output);
    for (size_t in = first_input_block; in < end_input_block; in++)
      for (size_t top = 0; top < output->height; top += chunk)
        for (size_t t = 0; t < taps; t++) {
          size_t row[2], column[2];
          const size_t ky = t / window->kernel, kx = t % window->kernel;
          reached(window, input->height, output->height, ky, &row[0], &row[1]);
          reached(window, input->width, output->width, kx, &column[0], &column[1]);
          if (row[0] < top) row[0] = top;
          row[1] = smaller(row[1], top + chunk);
          if (row[1] <= row[0] || column[1] == column[0]) continue;
          slopes_of_tap(kernels, input, output, window, wide, row, column, ky, kx,
                        source + in * block_floats(input), slopes,
                        sums + (ptrdiff_t)block * sums_block + (in * taps + t) * tap, sums_block);
        }
  }
}
