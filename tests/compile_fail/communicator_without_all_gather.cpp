// expect: a communicator needs  void all_gather(std::span<const T>, std::span<T>)
#include "sseg/concepts/communicator.hpp"

struct Mine {
  using Space = sseg::HostSpace;
  int size() const { return 1; }
  int rank() const { return 0; }
  template <class T>
  void all_reduce(std::span<T>) {}
  template <class T>
  void broadcast(std::span<T>) {}
#ifdef SSEG_CONTROL
  template <class T>
  void all_gather(std::span<const T>, std::span<T>) {}
#endif
};

static_assert(sseg::CheckCommunicator<Mine>::ok);
