// expect: a communicator needs  int rank() const,
#include "sseg/concepts/communicator.hpp"

struct Mine {
  using Space = sseg::HostSpace;
  int size() const { return 1; }
#ifdef SSEG_CONTROL
  int rank() const { return 0; }
#endif
  template <class T>
  void all_reduce(std::span<T>) {}
  template <class T>
  void broadcast(std::span<T>) {}
  template <class T>
  void all_gather(std::span<const T>, std::span<T>) {}
};

static_assert(sseg::CheckCommunicator<Mine>::ok);
