// Files that time, a full disk or somebody's editor has damaged: every one is refused with an Error, or gives a state
// that can be trained.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "golden_run.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/temp_folder.hpp"

namespace checkpoint_faults_test {

using namespace golden_run;
namespace fs = std::filesystem;

namespace {

constexpr long most_bytes = 1 << 20;  // in one piece, for a file of 40 KB

/// The golden file, and one that is written over with every damage.
class Bed {
 public:
  Bed() : good_(read_file(file(checkpoint_version), Index{1} << 24)) {}
  const std::string& good() const { return good_; }
  /// The same without its checksum, as after a change on purpose.
  std::string unsealed() const {
    SafeTensors tensors = contents();
    return tensors.to_bytes();
  }
  SafeTensors contents() const {
    SafeTensors tensors = SafeTensors::from_bytes(good_, "golden");
    tensors.metadata.erase("checksum");
    return tensors;
  }
  /// Empty when it is refused. Anything but an Error, or a large allocation, fails the test.
  std::optional<State> load(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    malloc_largest();
    std::optional<State> state;
    try {
      state = load_checkpoint<Net>(path_).state;
    } catch (const Error& e) {
      if (e.cure().empty() || e.where().find(path_.string()) == std::string::npos) FAIL("a poor message: " << e.what());
    }
    if (malloc_largest() > most_bytes) FAIL("a large allocation");
    return state;
  }

 private:
  std::string good_;
  sseg_test::TempFolder folder_;
  fs::path path_ = folder_ / "damaged.safetensors";
};

bool same(const State& a, const State& b) {
  return a.model.net == b.model.net && a.model.student.value == b.model.student.value &&
         a.model.student.moment == b.model.student.moment && a.step == b.step && a.history == b.history;
}

/// All parts belong to one net, and it takes a step or says why not.
bool sound(State s) {
  const auto& m = s.model;
  bool fits = m.net.param_count() == m.student.value.size() && m.net.param_count() == m.teacher.value.size() &&
              m.net.state_count() == m.student.state.size() && m.net.state_count() == m.teacher.state.size() &&
              s.sensitivity.values().size() == to_size(stages(backbone(m.net)).size());
  if (s.routing) fits = fits && s.routing->router.masks().paths.size() == m.student.value.size();
  try {
    run(s, s.step + 1);
  } catch (const Error&) {
  }
  return fits;
}

/// Another byte at a random place.
std::string flipped(std::string bytes, Rng& rng) {
  char& byte = bytes[to_size(rng.below(static_cast<Index>(bytes.size())))];
  byte = static_cast<char>(byte ^ static_cast<char>(1 + rng.below(255)));
  return bytes;
}

/// f() for every number below `json`, which then holds another one.
template <class F>
void with_each_number(Json& json, F&& f) {
  if (json.is_structured())
    for (Json& part : json) with_each_number(part, f);
  if (!json.is_number()) return;
  const Json before = json;
  for (const Json& other : {Json(0), Json(-1), Json(1), Json(255), Json(Index{1} << 31), Json(INT64_MAX),
                            Json(INT64_MIN), Json(UINT64_MAX), Json(1e300), Json(-0.5)}) {
    json = other;
    f();
  }
  json = before;
}

}  // namespace

TEST_CASE("A checkpoint cut short anywhere is refused") {
  const Bed bed;
  const std::string& good = bed.good();
  for (std::size_t part = 0; part < 50; ++part) {
    const std::size_t length = part * good.size() / 50;
    INFO("cut to " << length << " bytes");
    CHECK_FALSE(bed.load(std::string_view(good).substr(0, length)).has_value());
  }
  CHECK_FALSE(bed.load(std::string_view(good).substr(0, good.size() - 1)).has_value());
  CHECK_FALSE(bed.load(good + "x").has_value());
  REQUIRE(bed.load(good).has_value());
}

TEST_CASE("A checkpoint with another byte anywhere is refused, or is read as it was") {
  const Bed bed;
  const State whole = *bed.load(bed.good());
  Rng rng(1);
  int refused = 0;
  for (int k = 0; k < 200; ++k) {
    INFO("flip " << k);
    const auto s = bed.load(flipped(bed.good(), rng));
    refused += !s;
    if (s) CHECK(same(*s, whole));
  }
  CHECK(refused >= 195);  // the rest: blanks at the end of the header
}

TEST_CASE("A checkpoint without checksum and with another byte anywhere is refused, or is sound") {
  const Bed bed;
  const std::string unsealed = bed.unsealed();
  REQUIRE(bed.load(unsealed).has_value());
  Rng rng(2);
  int refused = 0;
  for (int k = 0; k < 200; ++k) {
    INFO("flip " << k);
    const auto s = bed.load(flipped(unsealed, rng));
    refused += !s;
    if (s) CHECK(sound(*s));
  }
  CHECK(refused > 20);
  CHECK(refused < 180);
}

TEST_CASE("A checkpoint with another number in its metadata is refused, or is sound") {
  const Bed bed;
  SafeTensors tensors = bed.contents();
  int tried = 0, loaded = 0;
  for (const char* part : {"genome", "train"}) {
    Json json = parse_json(tensors.metadata[part], part);
    with_each_number(json, [&] {
      tensors.metadata[part] = to_text(json);
      ++tried;
      const auto s = bed.load(tensors.to_bytes());
      if (!s) return;
      ++loaded;
      if (loaded % 8 == 0) {  // a step takes long
        INFO(tensors.metadata[part]);
        CHECK(sound(*s));
      }
    });
    tensors.metadata[part] = to_text(json);
  }
  CHECK(tried > 1000);
  CHECK(loaded > 100);
  CHECK(loaded < tried - 100);
}

}  // namespace checkpoint_faults_test
