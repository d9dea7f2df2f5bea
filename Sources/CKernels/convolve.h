// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of convolution for one instruction set. Included once for each, with
//   NAME(stem)        the function's name
//   GRADIENT_INPUTS   how many inputs' gradients one output block's sums are kept for

typedef float NAME(vector) __attribute__((vector_size(64), aligned(64)));
typedef int NAME(bits) __attribute__((vector_size(64), aligned(64)));

#define VECTOR NAME(vector)
#define UNROLLED _Pragma("clang loop unroll(full)")

/// `pixels` x `blocks` vectors of sums stay in registers while all taps of all inputs pass.
static inline __attribute__((always_inline)) void NAME(tile)(
    const ck_tile *tile, const size_t pixels, const size_t blocks, const size_t lanes,
    const float *source, const float *residual, float *target) {
  VECTOR sum[CK_TILE_PIXELS][CK_TILE_BLOCKS];
  UNROLLED for (size_t b = 0; b < blocks; b++) {
    const VECTOR start = tile->bias ? *(const VECTOR *)(tile->bias + b * CK_LANES) : (VECTOR){0};
    UNROLLED for (size_t p = 0; p < pixels; p++) sum[p][b] = start;
  }
  const float *block_weights = tile->weights;
  for (size_t left = tile->channels; left > 0;) {
    const size_t channels = left < CK_LANES ? left : CK_LANES;
    left -= channels;
    const float *row_weights = block_weights, *row = source;
    for (size_t ky = tile->rows; ky > 0; ky--) {
      const float *weights = row_weights, *x = row;
      for (size_t kx = tile->columns; kx > 0; kx--) {
        for (size_t c = 0; c < channels; c++) {
          VECTOR weight[CK_TILE_BLOCKS];
          UNROLLED for (size_t b = 0; b < blocks; b++)
            weight[b] = *(const VECTOR *)(weights + b * tile->weights_target + c * CK_LANES);
          UNROLLED for (size_t p = 0; p < pixels; p++)
            UNROLLED for (size_t b = 0; b < blocks; b++)
              sum[p][b] += weight[b] * x[p * lanes + c];
        }
        weights += tile->weights_column;
        x += tile->source_column;
      }
      row_weights += tile->weights_row;
      row += tile->source_row;
    }
    block_weights += tile->weights_source;
    source += tile->source_block;
  }
  UNROLLED for (size_t b = 0; b < blocks; b++)
    UNROLLED for (size_t p = 0; p < pixels; p++) {
      const size_t place = b * tile->target_block + p * CK_LANES;
      VECTOR value = sum[p][b];
      if (residual) value += *(const VECTOR *)(residual + place);
      if (tile->rectified) value = (VECTOR)((NAME(bits))value & (value > 0));
      *(VECTOR *)(target + place) = value;
    }
}

#define TILE(pixels, blocks)                                                                   \
  static void NAME(tile_##pixels##x##blocks)(const ck_tile *tile, size_t lanes,                \
                                             const float *source, const float *residual,       \
                                             float *target) {                                  \
    if (lanes == CK_LANES)                                                                     \
      NAME(tile)(tile, pixels, blocks, CK_LANES, source, residual, target);                    \
    else                                                                                       \
      NAME(tile)(tile, pixels, blocks, CK_FEW_LANES, source, residual, target);                \
  }

/// Adds to `sums` the products of `blocks` vectors of slopes with `inputs` inputs of the same
/// pixels, `phases` pixels at a time so that sums wait for each other less.
static inline __attribute__((always_inline)) void NAME(slopes)(
    const ck_slopes *s, const size_t inputs, const size_t blocks, const size_t phases,
    const size_t lanes, const float *source, const float *slopes, float *sums) {
  VECTOR sum[4][CK_LANES][2];
  UNROLLED for (size_t f = 0; f < phases; f++)
    UNROLLED for (size_t i = 0; i < inputs; i++)
      UNROLLED for (size_t b = 0; b < blocks; b++)
        sum[f][i][b] = (VECTOR){0};
  for (size_t run = 0; run < s->runs; run++) {
    const float *x = source + (ptrdiff_t)run * s->source_run, *g = slopes + (ptrdiff_t)run * s->slopes_run;
    size_t p = 0;
    for (; p + phases <= s->pixels; p += phases)
      UNROLLED for (size_t f = 0; f < phases; f++)
        UNROLLED for (size_t b = 0; b < blocks; b++) {
          const VECTOR slope =
              *(const VECTOR *)(g + b * s->slopes_block + (p + f) * CK_LANES);
          UNROLLED for (size_t i = 0; i < inputs; i++)
            sum[f][i][b] += slope * x[(p + f) * lanes + i];
        }
    for (; p < s->pixels; p++)
      UNROLLED for (size_t b = 0; b < blocks; b++) {
        const VECTOR slope = *(const VECTOR *)(g + b * s->slopes_block + p * CK_LANES);
        UNROLLED for (size_t i = 0; i < inputs; i++)
          sum[0][i][b] += slope * x[p * lanes + i];
      }
  }
  UNROLLED for (size_t b = 0; b < blocks; b++)
    UNROLLED for (size_t i = 0; i < inputs; i++) {
      VECTOR total = sum[0][i][b];
      UNROLLED for (size_t f = 1; f < phases; f++) total += sum[f][i][b];
      *(VECTOR *)(sums + b * s->sums_block + i * CK_LANES) += total;
    }
}

#define SLOPES(stem, inputs, blocks, phases, lanes)                                           \
  static void NAME(stem)(const ck_slopes *s, const float *source, const float *gradient,      \
                         float *sums) {                                                       \
    NAME(slopes)(s, inputs, blocks, phases, lanes, source, gradient, sums);                   \
  }
