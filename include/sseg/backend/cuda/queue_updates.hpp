#pragma once
#include <array>
#include <span>

#include "sseg/backend/cuda/queue_elementwise.hpp"

namespace sseg::cuda {

/// AdamW, and the average of the new weights where `average` is not null. Corrections and cohorts lie on the host,
/// where the parameter store keeps them; cohorts are one byte a weight. Where an update may be skipped, the device
/// makes corrections of the ages, since it alone knows how many were.
template <class D>
void queue_adamw(D& d, const AdamWUpdate<float>& a, float keep, float* average) {
  const bool by_age = d.skip().missed != nullptr;
  const auto cohorts = a.cohort == nullptr ? 1 : static_cast<Index>(a.correction.size());
  std::array<float, 2 + 2 * 256> room{a.rate, keep};
  std::size_t count = 2;
  for (const AdamCorrection& c : a.correction.first(to_size(cohorts))) {
    require(!by_age || c.age >= 1, "updates may be skipped, and the optimizer does not say how old parameters are",
            "AdamWUpdate", "give AdamCorrection::age");
    room[count++] = by_age ? static_cast<float>(c.age) : static_cast<float>(c.first);
    if (!by_age) room[count++] = static_cast<float>(c.second);
  }
  const std::span<const float> numbers(room.data(), count);
  const float* now = d.changing(numbers);
  float* const space =
      by_age || (now == nullptr && a.cohort != nullptr) ? static_cast<float*>(d.workspace(2 * sizeof(room))) : nullptr;
  if (now == nullptr && a.cohort != nullptr) {
    d.upload(space, numbers.data(), numbers.size_bytes());
    now = space;
  }
  if (by_age) {
    float* const corrected = space + room.size();
    const NowOr given{now};
    d.template launch<kernel::adam_numbers>(blocks_of(cohorts + 1), now, given(a.rate), given(keep), given(room[2]),
                                            d.skip().missed, a.beta1, a.beta2, corrected, cohorts);
    now = corrected;
  }
  if (a.cohort == nullptr) {
    const NowOr given{now};
    d.template launch<kernel::adamw>(blocks_of(a.count), now, a.w, a.g, a.m, a.v, given(a.rate), a.beta1, a.beta2,
                                     a.eps, a.decay, given(room[2]), given(room[3]), given(keep), average,
                                     d.skip().overflow, a.count);
    return;
  }
  const unsigned char* const cohort = d.cohorts({a.cohort, to_size(a.count)});
  d.template launch<kernel::adamw_cohorts>(blocks_of(a.count), now, a.w, a.g, a.m, a.v, a.beta1, a.beta2, a.eps,
                                           a.decay, cohort, average, d.skip().overflow, a.count);
}
template <class D>
void queue(D& d, const AdamWUpdate<float>& a) {
  queue_adamw(d, a, 0.f, nullptr);
}
template <class D>
void queue(D& d, const AdamWAverageUpdate<float>& a) {
  queue_adamw(d, a.step, a.keep, a.target);
}

template <class D>
void queue(D& d, const SgdUpdate<float>& a) {
  const float* const now = d.changing({a.rate});
  d.template launch<kernel::sgd>(blocks_of(a.count), now, a.w, a.g, a.m, NowOr{now}(a.rate), a.momentum, a.decay,
                                 a.nesterov ? 1 : 0, d.skip().overflow, a.count);
}
template <class D>
void queue(D& d, const EmaUpdate<float>& a) {
  const float* const now = d.changing({a.decay});
  d.template launch<kernel::ema>(blocks_of(a.count), now, NowOr{now}(a.decay), a.source, a.target, d.skip().overflow,
                                 a.count);
}

/// Values that one block adds up.
inline constexpr Index sum_chunk = 4096;

/// Room for partial sums in double, and one value behind them.
template <class D>
double* sum_partials(D& d, const float* a, const float* b, Index count, Index& chunks) {
  chunks = (count + sum_chunk - 1) / sum_chunk;
  auto* const partial = static_cast<double*>(d.workspace(to_size(chunks + 1) * sizeof(double)));
  d.template launch<kernel::dot_sums>(blocks_of_rows(chunks), a, b, partial, count, sum_chunk);
  return partial;
}

/// The value comes to the host, which waits for it, unless it has a place on the device.
template <class D>
void queue(D& d, const Dot<float>& a) {
  Index chunks = 0;
  double* const partial = sum_partials(d, a.a, a.b, a.count, chunks);
  double* const total = a.sum != nullptr ? a.sum : partial + chunks;
  d.template launch<kernel::scaled_sum>(1, static_cast<double>(a.alpha), partial, total, a.sum != nullptr ? 1 : 0,
                                        chunks);
  if (a.sum == nullptr) d.download(a.value, total, sizeof(double));
}
/// Nothing comes to the host.
template <class D>
void queue(D& d, const ClipNorm<float>& a) {
  Index chunks = 0;
  const double* const partial = sum_partials(d, a.g, a.g, a.count, chunks);
  d.template launch<kernel::norm_of_sums>(1, partial, a.norm, chunks);
  d.template launch<kernel::clip>(blocks_of(a.count), a.limit, a.norm, a.g, a.count);
}

}  // namespace sseg::cuda
