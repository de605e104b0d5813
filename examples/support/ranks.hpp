#pragma once
#include <sseg/dist/alone.hpp>

#include <cstdio>
#include <cstdlib>
#if defined(SSEG_EXAMPLES_MPI)
#include <sseg/dist/mpi.hpp>  // optional
#endif

/// Has mpirun or srun started this process, as one of several?
inline bool one_of_several() {
  for (const char* size : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"})
    if (const char* text = std::getenv(size); text != nullptr && std::atoi(text) > 1) return true;
  return std::getenv("PMIX_RANK") != nullptr || std::getenv("PMI_RANK") != nullptr;
}

/// Where a rank prints its progress: one does, the others are silent.
class RankOutput {
 public:
  template <class C>
  explicit RankOutput(const C& ranks) : silence_(ranks.rank() == 0 ? nullptr : std::fopen("/dev/null", "w")) {
    sseg::require(ranks.rank() == 0 || silence_ != nullptr, "cannot write to it", "/dev/null",
                  "see the system's limit of open files");
  }
  RankOutput(const RankOutput&) = delete;
  RankOutput& operator=(const RankOutput&) = delete;
  ~RankOutput() {
    if (silence_ != nullptr) std::fclose(silence_);
  }
  std::FILE* get() const { return silence_ != nullptr ? silence_ : stdout; }

 private:
  std::FILE* silence_;
};

/// body(communicator), an exit code: with all ranks where mpirun or srun has started several and the build has MPI,
/// else alone. Ranks may wait for each other as long as a week.
template <class F>
int on_ranks(F&& body) {
#if defined(SSEG_EXAMPLES_MPI)
  if (one_of_several()) {
    sseg::Mpi ranks({.timeout = 7 * 24 * 3600.0});
    return ranks.guard([&] { return body(ranks); });
  }
#else
  sseg::require(!one_of_several(), "several processes are started, and this build has no MPI", "mpirun",
                "build it where MPI is installed (Debian: libopenmpi-dev), or start one process");
#endif
  sseg::Alone alone;
  return body(alone);
}
