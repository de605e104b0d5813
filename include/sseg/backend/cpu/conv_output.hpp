#pragma once
#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/moment_sums.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"

/// What becomes of a convolution's output while it is in the caches. The kernels make it in rectangles of output pixels
/// (bands of rows, tiles); an output says where a rectangle is put, and gets it back when all its channels are there.
namespace sseg::cpu {

/// A rectangle of output pixels; its first lies at `at`, the rows of pixels are `pitch` floats apart.
struct OutputPart {
  Index image, row, col, rows, cols;
  float* at;
  Index pitch;
};

/// y as it is.
struct StoredOutput {
  Correlation s;
  float* y;

  /// Floats of scratch for a rectangle.
  constexpr Index scratch(Index, Index) const { return 0; }
  /// Bands of rows begin at multiples of this.
  constexpr Index align() const { return 1; }
  /// A rectangle of which the kernel makes `rows` × `cols` pixels at most.
  OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float*) const {
    const Index pitch = s.out_w * s.out_c;
    return {image, row, col, rows, cols, y + (image * s.out_h + row) * pitch + col * s.out_c, pitch};
  }
  struct Piece {
    template <int Lanes>
    SSEG_INLINE void done(const OutputPart&) {}
    void finish() {}
  };
  Piece piece(Index) const { return {}; }
};

/// row(x, pitch, windows, at): one row of the windows in a rectangle, which begins at a window's edge; `at` counts the
/// floats before the first window's output.
template <class Row>
SSEG_INLINE inline void each_window_row(const NormGeometry& g, const OutputPart& part, Row&& row) {
  for (Index i = 0; i < part.rows / g.pool; ++i) {
    const Index out_row = part.image * g.out_h() + part.row / g.pool + i;
    row(part.at + i * g.pool * part.pitch, part.pitch, part.cols / g.pool,
        (out_row * g.out_w() + part.col / g.pool) * g.c);
  }
}

/// y as it is, the sums for its moments and, where `extreme` is not null, what a norm will pool (see Conv2dMoments).
struct MeasuredOutput : StoredOutput {
  MomentSums sums;
  NormGeometry g{};
  const float* sign = nullptr;
  float* extreme = nullptr;

  constexpr Index align() const { return extreme ? g.pool : 1; }
  struct Piece {
    Index channels;
    MomentSums::Piece sums;
    NormGeometry g;
    const float* sign;
    float* extreme;

    template <int Lanes>
    SSEG_INLINE void done(const OutputPart& part) {
      if (part.pitch == part.cols * channels)
        sums.add<Lanes>(part.at, part.rows * part.cols);
      else
        for (Index i = 0; i < part.rows; ++i) sums.add<Lanes>(part.at + i * part.pitch, part.cols);
      if (extreme)
        each_window_row(g, part, [&](const float* x, Index pitch, Index windows, Index to) SSEG_INLINE {
          extreme_windows<Lanes>(g, sign, x, pitch, windows, extreme + to);
        });
    }
    void finish() { sums.flush(); }
  };
  Piece piece(Index i) const { return {s.out_c, sums.piece(i), g, sign, extreme}; }
};

/// y = maxpool(act(map·scale + shift)) of the map, which is kept nowhere.
struct PooledOutput {
  Correlation s;
  NormReluPoolForward<float> norm;  ///< of all images; its x is not used

  constexpr Index scratch(Index rows, Index cols) const { return rows * cols * s.out_c; }
  constexpr Index align() const { return norm.g.pool; }
  OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float* scratch) const {
    return {image, row, col, rows, cols, scratch, cols * s.out_c};
  }
  struct Piece {
    NormReluPoolForward<float> norm;
    template <int Lanes>
    SSEG_INLINE void done(const OutputPart& part) {
      each_window_row(norm.g, part, [&](const float* x, Index pitch, Index windows, Index to) SSEG_INLINE {
        if (norm.g.pool == 2)
          norm_windows<Lanes, 2>(norm, x, pitch, windows, norm.y + to);
        else if (norm.g.pool == 1)
          norm_windows<Lanes, 1>(norm, x, pitch, windows, norm.y + to);
        else
          norm_windows<Lanes, 0>(norm, x, pitch, windows, norm.y + to);
      });
    }
    void finish() {}
  };
  Piece piece(Index) const { return {norm}; }
};

}  // namespace sseg::cpu
