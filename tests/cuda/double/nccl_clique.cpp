#include "cuda/double/nccl_clique.hpp"

#include <map>
#include <utility>

#include "cuda/double/world.hpp"

namespace cuda_double {

/// The parts of all ranks.
struct NcclClique::Meeting {
  std::vector<std::optional<NcclCall>> calls;
  std::vector<MarkPtr> before;  ///< what each rank's stream had to do first
  bool done = false;
};

std::shared_ptr<NcclClique> NcclClique::of(const std::string& id, int ranks) {
  static auto* const all = new std::map<std::string, std::weak_ptr<NcclClique>>;
  std::weak_ptr<NcclClique>& known = (*all)[id];
  std::shared_ptr<NcclClique> clique = known.lock();
  if (!clique) known = clique = std::make_shared<NcclClique>(ranks);
  demand(clique->ranks_ == ranks, "ranks disagree on how many they are");
  return clique;
}

void NcclClique::meet(Meeting& m) {
  if (m.done) return;
  for (std::size_t r = 0; r < m.calls.size(); ++r)
    demand(m.calls[r].has_value(), m.calls[0].value_or(NcclCall{"a collective", {}, {}}).kind + ": rank " +
                                       std::to_string(r) + " has not called");
  m.done = true;
  for (const MarkPtr& mark : m.before) world().streams.finish(mark);
  std::vector<Bytes> all;
  for (const auto& call : m.calls) all.push_back(call->send());
  for (const auto& call : m.calls) call->receive(all);
}

std::function<void()> NcclClique::give(int rank, NcclCall call, MarkPtr before) {
  const auto me = static_cast<std::size_t>(rank);
  if (meetings_.size() <= called_[me]) {
    meetings_.push_back(std::make_shared<Meeting>());
    meetings_.back()->calls.resize(static_cast<std::size_t>(ranks_));
    meetings_.back()->before.resize(static_cast<std::size_t>(ranks_));
  }
  const std::shared_ptr<Meeting> m = meetings_[called_[me]];
  for (const auto& other : m->calls)
    demand(!other || other->kind == call.kind,
           "rank " + std::to_string(rank) + " calls " + call.kind + ", another rank " + (other ? other->kind : ""));
  ++called_[me];
  m->calls[me] = std::move(call);
  m->before[me] = std::move(before);
  return [m] { meet(*m); };
}

}  // namespace cuda_double
