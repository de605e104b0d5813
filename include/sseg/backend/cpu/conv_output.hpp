#pragma once
#include <optional>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/moment_sums.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"

/// What becomes of a convolution's output while it is in the caches. The
/// kernels make it in rectangles of output pixels (bands of rows, tiles); an
/// output says where a rectangle is put, and gets it back when all its channels
/// are there.
namespace sseg::cpu {

/// A rectangle of output pixels; its first lies at `at`, the rows of pixels are
/// `pitch` floats apart.
struct OutputPart {
  Index image, row, col, rows, cols;
  float* at;
  Index pitch;
};

/// One of those below. (Virtual: a kernel is compiled once and not for each; it
/// asks once per rectangle.)
class ConvOutput {
 public:
  /// What is kept from one rectangle of a piece to the next.
  struct Piece {
    std::optional<MomentSums::Piece> sums = std::nullopt;
  };

  /// Floats of scratch for a rectangle.
  virtual Index scratch(Index, Index) const { return 0; }
  /// Bands of rows begin at multiples of this.
  virtual Index align() const { return 1; }
  /// A rectangle of which the kernel makes `rows` × `cols` pixels at most.
  virtual OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float* scratch) const = 0;
  /// A piece begins, one of its rectangles is there, it ends.
  virtual Piece begin(Index) const { return {}; }
  virtual void done(Piece&, const OutputPart&) const {}
  virtual void end(Piece&) const {}

 protected:
  explicit ConvOutput(const Correlation& of) : s(of) {}
  ~ConvOutput() = default;
  /// A rectangle of y where it lies.
  OutputPart within(float* y, Index image, Index row, Index col, Index rows, Index cols) const {
    const Index pitch = s.out_w * s.out_c;
    return {image, row, col, rows, cols, y + (image * s.out_h + row) * pitch + col * s.out_c, pitch};
  }
  Correlation s;
};

/// y as it is.
class StoredOutput final : public ConvOutput {
 public:
  StoredOutput(const Correlation& of, float* y) : ConvOutput(of), y_(y) {}

  OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float*) const override {
    return within(y_, image, row, col, rows, cols);
  }

 private:
  float* y_;
};

/// row(x, pitch, windows, at): one row of the windows in a rectangle, which
/// begins at a window's edge; `at` counts the floats before the first window's
/// output.
template <class Row>
SSEG_INLINE inline void each_window_row(const NormGeometry& g, const OutputPart& part, Row&& row) {
  for (Index i = 0; i < part.rows / g.pool; ++i) {
    const Index out_row = part.image * g.out_h() + part.row / g.pool + i;
    row(part.at + i * g.pool * part.pitch, part.pitch, part.cols / g.pool,
        (out_row * g.out_w() + part.col / g.pool) * g.c);
  }
}

/// y as it is, the sums for its moments and, where `extreme` is not null, what
/// a norm will pool (see Conv2dMoments).
template <int Lanes>
class MeasuredOutput final : public ConvOutput {
 public:
  MeasuredOutput(const Correlation& of, const Conv2dMoments<float>& a, double* space)
      : ConvOutput(of),
        y_(a.conv.y),
        sums_(of.out_c, space),
        g_{.n = of.n, .h = of.out_h, .w = of.out_w, .c = of.out_c, .pool = a.pool},
        sign_(a.sign),
        extreme_(a.extreme) {}
  /// Doubles of space.
  static constexpr Index space(const Correlation& of, Index pieces) { return MomentSums::space(pieces, of.out_c); }
  /// Mean and variance, from what `pieces` pieces have got.
  void finish(Index pieces, float* mean, float* var) const { sums_.finish(pieces, mean, var); }

  OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float*) const override {
    return within(y_, image, row, col, rows, cols);
  }
  Index align() const override { return extreme_ ? g_.pool : 1; }
  Piece begin(Index i) const override { return {sums_.piece(i)}; }
  void done(Piece& piece, const OutputPart& part) const override {
    Isa<Lanes>::call([&]() SSEG_INLINE {
      if (part.pitch == part.cols * s.out_c)
        piece.sums->add<Lanes>(part.at, part.rows * part.cols);
      else
        for (Index i = 0; i < part.rows; ++i) piece.sums->add<Lanes>(part.at + i * part.pitch, part.cols);
      if (extreme_)
        each_window_row(g_, part, [&](const float* x, Index pitch, Index windows, Index to) SSEG_INLINE {
          extreme_windows<Lanes>(g_, sign_, x, pitch, windows, extreme_ + to);
        });
    });
  }
  void end(Piece& piece) const override { piece.sums->flush(); }

 private:
  float* y_;
  MomentSums sums_;
  NormGeometry g_;
  const float* sign_;
  float* extreme_;
};

/// y = maxpool(act(map·scale + shift)) of the map, which is kept nowhere.
template <int Lanes>
class PooledOutput final : public ConvOutput {
 public:
  /// `norm` of all images; its x is not used.
  PooledOutput(const Correlation& of, const NormReluPoolForward<float>& norm) : ConvOutput(of), norm_(norm) {}

  Index scratch(Index rows, Index cols) const override { return rows * cols * s.out_c; }
  Index align() const override { return norm_.g.pool; }
  OutputPart place(Index image, Index row, Index col, Index rows, Index cols, float* scratch) const override {
    return {image, row, col, rows, cols, scratch, cols * s.out_c};
  }
  void done(Piece&, const OutputPart& part) const override {
    choose_pool(norm_.g.pool, [&](auto pool) {
      Isa<Lanes>::call([&]() SSEG_INLINE {
        each_window_row(norm_.g, part, [&](const float* x, Index pitch, Index windows, Index to) SSEG_INLINE {
          norm_windows<Lanes, pool>(norm_, x, pitch, windows, norm_.y + to);
        });
      });
    });
  }

 private:
  NormReluPoolForward<float> norm_;
};

}  // namespace sseg::cpu
