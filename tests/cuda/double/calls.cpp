#include "cuda/double/calls.hpp"

namespace cuda_double {

void Calls::fail(std::string_view function, std::int64_t nth) {
  Count& c = of_[std::string(function)];
  c.fails_at = c.calls + nth;
}

void Calls::fail_any(std::int64_t nth) { fails_at_ = all_ + nth; }

bool Calls::enter(std::string_view function) {
  auto found = of_.find(function);
  if (found == of_.end()) found = of_.emplace(function, Count{}).first;
  Count& c = found->second;
  ++all_, ++c.calls;
  if (c.first == 0) c.first = all_;
  const bool fails = all_ == fails_at_ || c.calls == c.fails_at;
  if (fails) {
    ++failed_;
    last_failed_ = function;
  }
  return fails;
}

std::int64_t Calls::count(std::string_view function) const {
  const auto found = of_.find(function);
  return found == of_.end() ? 0 : found->second.calls;
}

std::int64_t Calls::first(std::string_view function) const {
  const auto found = of_.find(function);
  return found == of_.end() ? 0 : found->second.first;
}

}  // namespace cuda_double
