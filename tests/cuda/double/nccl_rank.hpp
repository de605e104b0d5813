#pragma once
#include <nccl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cuda/double/nccl_call.hpp"
#include "cuda/double/nccl_clique.hpp"
#include "cuda/double/nccl_link.hpp"
#include "cuda/double/world.hpp"

namespace cuda_double {

/// A message of a group.
struct NcclMessage {
  const void* from;
  void* to;
  std::size_t bytes;
  int peer;
};

/// What stands behind a communicator: one rank, and what carries its calls to the others. All ranks may be in this
/// process (NcclClique), or each in one of its own (NcclLink).
class NcclRank {
 public:
  /// Throws: Misuse.
  NcclRank(const ncclUniqueId& id, int ranks, int rank, bool blocks);

  int rank() const { return rank_; }
  int ranks() const { return clique_->ranks(); }
  int device() const { return device_; }
  bool blocks() const { return blocks_; }

  /// Gives a call to a stream, or to the graph that the stream is captured for: then all ranks must have theirs
  /// captured, and launch graphs of that capture. Throws: Misuse, and Refusal where it is not done yet.
  void join(Stream& stream, NcclCall call);
  /// For the group that is open. Throws: Misuse.
  void add_to_group(Stream& stream, NcclMessage message);
  void join_group();
  void forget_group() { group_.clear(); }

  void finalize();
  /// Graphs have calls of this rank: NCCL waits until they are destroyed before it ends the communicator.
  bool in_graphs() const { return in_graphs_.use_count() > 1; }
  /// Others hear of it, and what waits for them ends; then it waits for graphs.
  void abort();
  /// What ncclCommGetAsyncError tells.
  ncclResult_t state();

 private:
  void demand_no_graphs() const;

  std::shared_ptr<NcclClique> clique_;
  std::shared_ptr<NcclLink> link_;
  int rank_, device_;
  bool blocks_, worked_ = false, finalized_ = false;
  int in_progress_ = 0;  ///< so many answers that it is not done yet
  std::vector<NcclMessage> group_;
  Stream* group_stream_ = nullptr;
  std::weak_ptr<Capture> capture_;   ///< the last one
  int captures_ = 0, captured_ = 0;  ///< captures so far, and calls in the last one
  std::shared_ptr<void> in_graphs_ = std::make_shared<int>();
};

}  // namespace cuda_double
