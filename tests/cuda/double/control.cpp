#include "cuda/double/control.hpp"

#include <utility>

namespace cuda_double {

void start(std::vector<Card> cards) {
  World& w = world();
  const std::lock_guard lock(w.mutex);
  const std::vector<std::string> left = leaks();
  demand(left.empty(), left.empty() ? "" : "left over from before: " + left.front());
  w.cards = std::move(cards);
  w.driver_version = 13000;
  w.no_device = cudaErrorNoDevice;
  w.calls = Calls();
  w.streams.schedule = Schedule::late;
  w.streams.run_errors.clear();
  w.run_errors_told = 0;
  w.out_of_order = false;
  w.complaints.clear();
  current_device() = 0;
  last_error() = cudaSuccess;
}

std::vector<std::string> take_complaints() { return std::exchange(world().complaints, {}); }

std::vector<std::string> leaks() {
  World& w = world();
  const std::lock_guard lock(w.mutex);
  std::vector<std::string> out;
  for (const auto& [at, block] : w.memory.blocks())
    out.push_back(std::to_string(block.bytes) + " bytes from " + block.made_by);
  for (std::size_t i = 0; i < w.streams.live().size(); ++i) out.push_back("a stream");
  for (std::size_t i = 0; i < w.events.size(); ++i) out.push_back("an event");
  for (const auto& [at, made_by] : w.objects) out.push_back("an object from " + made_by);
  return out;
}

}  // namespace cuda_double
