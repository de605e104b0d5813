#include <cstdint>
#include <utility>
#include <vector>

#include "sseg/head/projection_head.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/max_pool.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace map_packing_test {

using namespace sseg;

/// Computes nothing, and notes where the maps lie that are written, as 16-bit values.
class Notes {
 public:
  static constexpr std::string_view name = "notes";
  using Scalar = float;
  using Map = std::int16_t;
  using Space = HostSpace;

  template <class Op>
  bool can(const Op&) {
    return !Joint<Op>;
  }
  template <class Op>
  void run(const Op&) {}
  void run(const Copy<Map, float>& a) { note(a.y, a.count); }
  void run(const Conv2dForward<float, Map>& a) { note(a.y, a.g.out_count()); }
  void run(const Conv2dBackwardData<float, Map>& a) { note(a.dx, a.g.in_count()); }
  void run(const NormReluPoolForward<float, Map>& a) { note(a.y, a.g.out_count()); }
  void run(const NormReluPoolBackward<float, Map>& a) { note(a.dx, a.g.in_count()); }
  void run(const Add<Map>& a) { note(a.y, a.count); }
  void run(const ReluForward<Map>& a) { note(a.y, a.count); }
  void run(const GlobalPoolForward<float, Map>& a) { features.push_back(a.y); }

  /// First and one past the last byte.
  using Range = std::pair<std::uintptr_t, std::uintptr_t>;
  std::vector<Range> maps;
  std::vector<const float*> features;

 private:
  void note(const Map* at, Index count) {
    const auto begin = reinterpret_cast<std::uintptr_t>(at);
    maps.emplace_back(begin, begin + to_size(count) * sizeof(Map));
  }
};

auto some_net(Index blocks) {
  EvolvableCnn<GlobalPool> cnn;
  stages(cnn).push_back(make_stage(3, 5, 2));
  stages(cnn).push_back(make_stage(5, 7, 1));
  for (auto& slot : stages(cnn).slots)
    for (Index i = 0; i < blocks; ++i) residuals(slot.block).push_back(make_identity_block(width(slot.block)));
  return cnn;
}

TEST_CASE("A map that is packed takes its share of the scalars, in units of 16 bytes") {
  const MapPacking plain{}, half{2};
  CHECK(plain.room({1, 3, 3, 1}) == 9);
  CHECK(half.room({1, 3, 3, 1}) == 8);  // 9 values, 18 bytes, in 32
  CHECK(half.room({2, 2, 2, 2}) == 8);
  CHECK(half.room({1, 1, 1, 17}) == 12);
  CHECK(half.room({0, 3, 3, 1}) == 0);
  CHECK(half.room({5, 3}) == 15);
  CHECK((packing_of<Notes>.per_scalar == 2));
}

TEST_CASE("Packed maps of a net begin at multiples of 16 bytes and do not overlap") {
  const Shape in{3, 9, 7, 3};
  for (const bool recompute : {false, true}) {
    auto net = some_net(2);
    set_recompute(net, recompute);
    Notes notes;
    ParamStore<float> store;
    store.value.resize(net.param_count());
    store.grad.resize(net.param_count());
    store.state.resize(net.state_count());
    Buffer<float> x(in.count()), dy(net.out_shape(in).count());
    Trace<float> trace;
    trace.forward(notes, net, store, {x.data(), in}, Mode::train);
    REQUIRE(notes.maps.size() == 1 + 2 * 2 + 4 * 4);  // images, entries, residual blocks
    for (std::size_t i = 0; i < notes.maps.size(); ++i) {
      CHECK(notes.maps[i].first % 16 == 0);
      for (std::size_t j = 0; j < i; ++j)
        if (!recompute)  // all are kept: that of a block may be another's afterwards
          CHECK((notes.maps[i].first >= notes.maps[j].second || notes.maps[j].first >= notes.maps[i].second));
    }
    notes.maps.clear();
    trace.backward(notes, net, store, {x.data(), in}, {dy.data(), net.out_shape(in)}, true);
    CHECK(notes.maps.size() >= 2 * 2 + 4 * 3);
    for (const Notes::Range& map : notes.maps) CHECK(map.first % 16 == 0);
  }
}

TEST_CASE("Packed, a net keeps half, and what has no maps keeps as much as ever") {
  const Shape in{8, 32, 32, 3};
  const auto net = some_net(1);
  const MapPacking half{2};
  CHECK(keep_of(net, in, half) < net.keep(in) / 2 + 1000);
  CHECK(scratch_of(net, in, half) < net.scratch(in) / 2 + 1000);
  const auto head = projection_head(12, 7, 5);
  CHECK(keep_of(head, {3, 12}, half) == head.keep({3, 12}));
  CHECK(scratch_of(head, {3, 12}, half) == head.scratch({3, 12}));
}

}  // namespace map_packing_test
