#pragma once
#include "sseg/backend/cuda/queue_columns.hpp"
#include "sseg/backend/norm_relu_pool_backward_data.hpp"

namespace sseg::cuda {

/// NormGeometry as kernels take it: maps whose sides and channels an int can number.
struct NormSizes {
  int h, w, c, pool, relu;
  explicit NormSizes(const NormGeometry& g)
      : h(static_cast<int>(g.h)),
        w(static_cast<int>(g.w)),
        c(static_cast<int>(g.c)),
        pool(static_cast<int>(g.pool)),
        relu(g.relu ? 1 : 0) {}
};

template <class D, MapValue Map>
void queue(D& d, const NormReluPoolForward<float, Map>& a) {
  const NormSizes s(a.g);
  d.template launch<kernel::norm_forward_of<Map>>(blocks_of(a.g.out_count()), a.x, a.scale, a.shift, a.y, a.g.n, s.h,
                                                  s.w, s.c, s.pool, s.relu);
}

/// dx from the sums of e and e·x̂ over `rows` positions; these may be null without batch statistics.
template <class Map, class D, class Op>
void queue_norm_data(D& d, const Op& a, const float* sum_e, const float* sum_exhat, Index rows, bool batch_statistics) {
  const NormSizes s(a.g);
  const Index cells = a.g.n * ((a.g.h + a.g.pool - 1) / a.g.pool) * ((a.g.w + a.g.pool - 1) / a.g.pool);
  d.template launch<kernel::norm_backward_of<Map>>(blocks_of(cells * a.g.c), a.x, a.mean, a.inv_std, a.scale, a.shift,
                                                   a.dy, sum_e, sum_exhat, a.dx, a.g.n, s.h, s.w, s.c, s.pool, s.relu,
                                                   batch_statistics ? 1 : 0, static_cast<float>(rows));
}

template <class D, MapValue Map>
void queue(D& d, const NormReluPoolBackward<float, Map>& a) {
  const NormSizes s(a.g);
  const Index windows = a.g.n * a.g.out_h() * a.g.out_w(), c = a.g.c;
  const RowChunks cut(windows);
  auto* const partial = static_cast<float*>(d.workspace(to_size(2 * (cut.count + 1) * c) * sizeof(float)));
  float* const sums = partial + 2 * cut.count * c;
  float* const dots = sums + c;
  d.template launch<kernel::norm_partials_of<Map>>(blocks_of(cut.count * c), a.x, a.mean, a.inv_std, a.scale, a.shift,
                                                   a.dy, partial, windows, s.h, s.w, s.c, s.pool, s.relu, cut.chunk,
                                                   cut.count);
  d.template launch<kernel::add_partials>(blocks_of_rows(c), partial, a.dbeta, sums, c, cut.count);
  d.template launch<kernel::add_partials>(blocks_of_rows(c), partial + cut.count * c, a.dgamma, dots, c, cut.count);
  if (a.dx != nullptr) queue_norm_data<Map>(d, a, sums, dots, a.g.n * a.g.h * a.g.w, a.batch_statistics);
}

template <class D>
void queue(D& d, const NormReluPoolBackwardData<float>& a) {
  queue_norm_data<float>(d, a, a.sum_e, a.sum_exhat, a.rows, true);
}

}  // namespace sseg::cuda
