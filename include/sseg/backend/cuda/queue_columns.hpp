#pragma once
#include <algorithm>

#include "sseg/backend/cuda/queue_elementwise.hpp"

namespace sseg::cuda {

/// How rows are cut for sums down the columns: by their number alone, so that sums are added in the same order on every
/// device.
struct RowChunks {
  static constexpr Index least = 64, most_chunks = 1024;
  Index chunk, count;
  explicit RowChunks(Index rows)
      : chunk(std::max(least, (rows + most_chunks - 1) / most_chunks)), count((rows + chunk - 1) / chunk) {}
};

template <class D, MapValue Map>
void queue(D& d, const ColumnMoments<float, Map>& a) {
  const RowChunks cut(a.rows);
  auto* const partial = static_cast<float*>(d.workspace(to_size(2 * cut.count * a.cols) * sizeof(float)));
  d.template launch<kernel::moment_partials_of<Map>>(blocks_of(cut.count * a.cols), a.x, partial, a.rows, a.cols,
                                                     cut.chunk, cut.count);
  d.template launch<kernel::moments>(blocks_of_rows(a.cols), partial, a.mean, a.var, a.rows, a.cols, cut.chunk,
                                     cut.count);
}

template <class D, MapValue Map>
void queue(D& d, const SumRows<float, Map>& a) {
  const RowChunks cut(a.rows);
  auto* const partial = static_cast<float*>(d.workspace(to_size(cut.count * a.cols) * sizeof(float)));
  d.template launch<kernel::column_partials_of<Map>>(blocks_of(cut.count * a.cols), a.x, partial, a.rows, a.cols,
                                                     cut.chunk, cut.count);
  d.template launch<kernel::add_partials>(blocks_of_rows(a.cols), partial, a.out, nullptr, a.cols, cut.count);
}

/// `columns` lies on the device.
template <class D>
void queue(D& d, const ColumnScores<float>& a) {
  d.template launch<kernel::column_scores>(blocks_of_rows(a.cols), a.score == WeightScore::taylor ? 1 : 0, a.g, a.w,
                                           a.columns, a.rows, a.cols);
}

template <class D>
void queue(D& d, const NormFold<float>& a) {
  d.template launch<kernel::norm_fold>(blocks_of(a.channels), a.eps, a.gamma, a.beta, a.mean, a.var, a.inv_std, a.scale,
                                       a.shift, a.channels);
}

template <class D>
void queue(D& d, const RunningUpdate<float>& a) {
  const float rows = static_cast<float>(a.rows), unbiased = a.rows > 1 ? rows / (rows - 1) : 1.f;
  d.template launch<kernel::running_update>(blocks_of(a.channels), a.momentum, unbiased, a.mean, a.var, a.old, a.next,
                                            a.channels);
}

}  // namespace sseg::cuda
