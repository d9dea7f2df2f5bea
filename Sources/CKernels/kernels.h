// SPDX-License-Identifier: Apache-2.0
#ifndef FOVEA_CKERNELS_KERNELS_H
#define FOVEA_CKERNELS_KERNELS_H

#include "CKernels.h"

enum {
  /// The most pixels and output blocks that a tile's sums are kept for in registers.
  CK_TILE_PIXELS = 14,
  CK_TILE_BLOCKS = 4,
};

/// What a tile of output pixels reads; all strides are in floats.
typedef struct {
  /// The weights of the first tap of the first output block, and its bias or NULL.
  const float *weights, *bias;
  /// How many inputs, and how many taps of each in two directions.
  size_t channels, rows, columns;
  ptrdiff_t weights_row, weights_column, weights_source, weights_target;
  ptrdiff_t source_row, source_column, source_block;
  ptrdiff_t target_block;
  /// Whether negative results become 0.
  int rectified;
} ck_tile;

/// Runs of pixels over which one tap's gradient is summed; all strides are in floats.
typedef struct {
  size_t runs, pixels;
  ptrdiff_t source_run, slopes_run, slopes_block, sums_block;
} ck_slopes;

/// Which part of a Winograd tile lies inside the image; strides are in floats. The input's part is
/// from `top` and `left` to before `bottom` and `right`, the output's from 0.
typedef struct {
  size_t top, bottom, left, right;
  ptrdiff_t row, column;
  /// From one transformed point to the next.
  ptrdiff_t plane;
} ck_winograd_tile;

typedef void ck_tile_function(const ck_tile *tile, size_t lanes, const float *source,
                              const float *residual, float *target);
typedef void ck_slopes_function(const ck_slopes *slopes, const float *source,
                                const float *gradient, float *sums);

/// The inner loops for one instruction set.
typedef struct {
  const char *name;
  /// By output blocks and pixels, both less one; how many pixels each has, 0 where none.
  ck_tile_function *const (*tiles)[CK_TILE_PIXELS];
  size_t tile_pixels[CK_TILE_BLOCKS];
  /// Weight gradients: of `slopes_inputs[i]` inputs for i + 1 output blocks, and of all lanes of an
  /// input with few.
  ck_slopes_function *slopes[2];
  size_t slopes_inputs[2];
  ck_slopes_function *few_slopes;
  size_t few_slopes_inputs;
  void (*winograd_input)(const ck_winograd_tile *tile, const float *source, float *target);
  void (*winograd_output)(const ck_winograd_tile *tile, const ck_finish *finish,
                          const float *source, float *target);
  /// `tap` is the distance between taps; `turned` weights are turned by 180 degrees first.
  void (*winograd_weights)(const float *weights, ptrdiff_t tap, int turned, ptrdiff_t plane,
                           float *target);
} ck_kernels;

/// The set that the calling thread uses.
const ck_kernels *ck_chosen(void);

/// Correlates a run of `pixels` that all read the same taps, for `blocks` output blocks.
void ck_correlate_run(const ck_kernels *kernels, ck_tile tile, size_t lanes, size_t blocks,
                      size_t pixels, const float *source, const float *residual, float *target);

#endif
