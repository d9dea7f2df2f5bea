// SPDX-License-Identifier: Apache-2.0
//
// The transforms of Winograd's minimal filtering F(4x4, 3x3) for one instruction set (Lavin and
// Gray 2016, section 4.1.3); included once for each, after convolve.h. Six numbers are transformed
// along one axis, then along the other.

/// Bᵀ d of six inputs.
static inline __attribute__((always_inline)) void NAME(to_inputs)(const VECTOR d[6],
                                                                  VECTOR v[6]) {
  const VECTOR even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
  const VECTOR half = d[4] - d[2], twice = 2 * (d[3] - d[1]);
  v[0] = 4 * d[0] - 5 * d[2] + d[4];
  v[1] = even + odd;
  v[2] = even - odd;
  v[3] = half + twice;
  v[4] = half - twice;
  v[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/// G g of three weights.
static inline __attribute__((always_inline)) void NAME(to_weights)(const VECTOR g[3],
                                                                   VECTOR u[6]) {
  const VECTOR sixth = (g[0] + g[2]) * (-1.0f / 6), middle = g[1] * (1.0f / 6);
  const VECTOR outer = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), inner = g[1] * (1.0f / 12);
  u[0] = g[0] * 0.25f;
  u[1] = sixth - middle;
  u[2] = sixth + middle;
  u[3] = outer + inner;
  u[4] = outer - inner;
  u[5] = g[2];
}

/// Aᵀ m of six products.
static inline __attribute__((always_inline)) void NAME(to_outputs)(const VECTOR m[6],
                                                                   VECTOR y[4]) {
  const VECTOR near = m[1] + m[2], tilt = m[1] - m[2];
  const VECTOR far = m[3] + m[4], slant = m[3] - m[4];
  y[0] = m[0] + near + far;
  y[1] = tilt + 2 * slant;
  y[2] = near + 4 * far;
  y[3] = tilt + 8 * slant + m[5];
}

/// Transforms one tile of one block of inputs; what lies outside the image is zero.
static void NAME(winograd_input)(const ck_winograd_tile *tile, const float *source,
                                 float *target) {
  VECTOR columns[6][6];
  for (size_t x = 0; x < 6; x++) {
    VECTOR d[6], v[6];
    const int outside = x < tile->left || x >= tile->right;
    UNROLLED for (size_t y = 0; y < 6; y++) {
      d[y] = (VECTOR){0};
      if (!outside && y >= tile->top && y < tile->bottom)
        d[y] = *(const VECTOR *)(source + (ptrdiff_t)y * tile->row + (ptrdiff_t)x * tile->column);
    }
    NAME(to_inputs)(d, v);
    UNROLLED for (size_t y = 0; y < 6; y++) columns[y][x] = v[y];
  }
  for (size_t y = 0; y < 6; y++) {
    VECTOR v[6];
    NAME(to_inputs)(columns[y], v);
    UNROLLED for (size_t x = 0; x < 6; x++)
      *(VECTOR *)(target + (ptrdiff_t)(y * 6 + x) * tile->plane) = v[x];
  }
}

/// Transforms the products of one tile of one block of outputs back, and finishes them.
static void NAME(winograd_output)(const ck_winograd_tile *tile, const ck_finish *finish,
                                  const float *source, float *target) {
  VECTOR rows[4][6];
  for (size_t x = 0; x < 6; x++) {
    VECTOR m[6], y4[4];
    UNROLLED for (size_t y = 0; y < 6; y++)
      m[y] = *(const VECTOR *)(source + (ptrdiff_t)(y * 6 + x) * tile->plane);
    NAME(to_outputs)(m, y4);
    UNROLLED for (size_t y = 0; y < 4; y++) rows[y][x] = y4[y];
  }
  const VECTOR bias = finish->bias ? *(const VECTOR *)finish->bias : (VECTOR){0};
  for (size_t y = 0; y < tile->bottom; y++) {
    VECTOR result[4];
    NAME(to_outputs)(rows[y], result);
    UNROLLED for (size_t x = 0; x < 4; x++) {
      if (x >= tile->right) break;
      const ptrdiff_t place = (ptrdiff_t)y * tile->row + (ptrdiff_t)x * tile->column;
      VECTOR value = result[x] + bias;
      if (finish->residual) value += *(const VECTOR *)(finish->residual + place);
      if (finish->rectified) value = (VECTOR)((NAME(bits))value & (value > 0));
      *(VECTOR *)(target + place) = value;
    }
  }
}

/// Transforms the 3x3 weights of one input of one block of outputs.
static void NAME(winograd_weights)(const float *weights, ptrdiff_t tap, int turned,
                                   ptrdiff_t plane, float *target) {
  VECTOR columns[6][3];
  UNROLLED for (size_t x = 0; x < 3; x++) {
    VECTOR g[3], u[6];
    UNROLLED for (size_t y = 0; y < 3; y++) {
      const size_t t = turned ? 8 - (y * 3 + x) : y * 3 + x;
      g[y] = *(const VECTOR *)(weights + (ptrdiff_t)t * tap);
    }
    NAME(to_weights)(g, u);
    UNROLLED for (size_t y = 0; y < 6; y++) columns[y][x] = u[y];
  }
  UNROLLED for (size_t y = 0; y < 6; y++) {
    VECTOR u[6];
    NAME(to_weights)(columns[y], u);
    UNROLLED for (size_t x = 0; x < 6; x++)
      *(VECTOR *)(target + (ptrdiff_t)(y * 6 + x) * plane) = u[x];
  }
}
