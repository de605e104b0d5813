#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cuda/double/nccl_call.hpp"

namespace cuda_double {

/// What carries calls between ranks that are processes, in memory that they share: who is there, and what each has to
/// send.
class NcclLink {
 public:
  static constexpr int most_ranks = 8;

  /// Opens what belongs to `id`, which the first to come makes. Throws: Misuse when there are too many ranks.
  NcclLink(const std::string& id, int ranks, int rank);
  NcclLink(const NcclLink&) = delete;
  NcclLink& operator=(const NcclLink&) = delete;
  ~NcclLink();

  bool all_here() const;
  /// A rank has aborted, or ended without leaving.
  bool broken() const;
  void abort();
  /// This rank has aborted: what waits for others ends.
  bool aborted() const { return aborted_; }

  /// Takes part in a call of all ranks. Nothing comes of it when this rank aborts. Throws: Misuse when another rank
  /// calls something else.
  void carry(const NcclCall& call, int rank);
  /// What every rank gives, by rank; all must give something. Waits for the others, the world unlocked meanwhile.
  /// False: this rank has aborted. Throws: Misuse when nobody comes for two minutes.
  bool exchange(const std::vector<std::byte>& mine, std::vector<std::vector<std::byte>>& all);

 private:
  struct Shared;
  bool all_arrive();

  std::string name_;
  int ranks_, rank_;
  bool aborted_ = false;
  Shared* shared_ = nullptr;
};

}  // namespace cuda_double
