#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/evolve/edit_record.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// One mutation, as it happened; `edit` is enough to do it again (evolve/replay.hpp). MACs are for one image through
/// the backbone and projector.
struct MutationRecord {
  Index step = 0;
  std::string kind;
  std::string place;
  bool keeps_function = true;
  Index params_before = 0, params_after = 0;
  Index macs_before = 0, macs_after = 0;
  double probe_before = 0, probe_after = 0;
  std::string net_after;
  EditRecord edit;
  bool operator==(const MutationRecord&) const = default;
};

using History = std::vector<MutationRecord>;

/// Of `step` steps done, those after the last mutation that changed the net's function: 0 in the first step of the
/// changed net, −1 when there was no such mutation. The argument of `Rewarm::factor`.
inline Index steps_since_change(const History& history, Index step) {
  const auto last = std::find_if(history.rbegin(), history.rend(), [](const auto& m) { return !m.keeps_function; });
  return last != history.rend() ? step - last->step : -1;
}

}  // namespace sseg

SSEG_FIELDS(sseg::MutationRecord, step, kind, place, keeps_function, params_before, params_after, macs_before,
            macs_after, probe_before, probe_after, net_after, edit);
