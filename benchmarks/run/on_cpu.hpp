#pragma once
#include <benchmark/benchmark.h>

#include <string>

#include "peer_nets.hpp"
#include "sseg/backend/cpu.hpp"

namespace bench {

/// A step, which is written for any backend, on a Cpu of its own.
template <template <class> class Step>
class OnCpu {
 public:
  OnCpu(const std::string& net, const Input& in, int threads) : cpu_(threads), step_(cpu_, net, in) {}

  void operator()() { benchmark::DoNotOptimize(step_()); }
  static Index images(const Input& in) { return Step<sseg::Cpu>::images(in); }
  Index workspace_bytes() { return step_.workspace_bytes(); }

 private:
  sseg::Cpu cpu_;
  Step<sseg::Cpu> step_;
};

}  // namespace bench
