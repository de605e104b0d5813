#pragma once
#include <cstdio>
#include <string>
#include <vector>

namespace sseg_test {

/// Settings of runs that take a moment.
inline std::vector<std::string> tiny_settings() {
  return {"data.count=120",
          "data.image_size=16",
          "data.probe_images=24",
          "evolution.seed_network.initial_channels=6",
          "evolution.growth.trigger.max_wait=1",
          "ssl.projector.hidden=16",
          "ssl.projector.out=8",
          "train.steps=12",
          "train.batch=8",
          "train.probe_every=4",
          "train.recalibrate_steps=1",
          "evaluation.episodes=10"};
}

/// A file that swallows what is written to it.
class Quiet {
 public:
  Quiet() : file_(std::fopen("/dev/null", "w")) {}
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { std::fclose(file_); }
  std::FILE* get() const { return file_; }

 private:
  std::FILE* file_;
};

}  // namespace sseg_test
