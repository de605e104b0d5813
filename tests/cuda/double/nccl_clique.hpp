#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cuda/double/nccl_call.hpp"
#include "cuda/double/streams.hpp"

namespace cuda_double {

/// What carries calls between ranks that are threads of work in one process, each with a device and a stream of its
/// own: all of them must have called before one waits. The first that comes to a call does it for all.
class NcclClique {
 public:
  /// That of an id, which the first to come makes. Throws: Misuse when ranks disagree on how many they are.
  static std::shared_ptr<NcclClique> of(const std::string& id, int ranks);

  explicit NcclClique(int ranks) : ranks_(ranks) {}
  void come() { ++here_; }
  int ranks() const { return ranks_; }
  bool all_in_this_process() const { return here_ == ranks_; }

  /// A rank gives its next call, after all that its stream has so far: what is to run. Throws: Misuse when another rank
  /// has given another call.
  std::function<void()> give(int rank, NcclCall call, MarkPtr before);

 private:
  struct Meeting;
  static void meet(Meeting& meeting);

  int ranks_, here_ = 0;
  std::vector<std::size_t> called_ = std::vector<std::size_t>(static_cast<std::size_t>(ranks_));  ///< by each rank
  std::vector<std::shared_ptr<Meeting>> meetings_;
};

}  // namespace cuda_double
