// Losses of ranks, which are left and summed where the device's tensors lie: the bits of those sent over the host.
#include <cstdint>
#include <limits>
#include <vector>

#include "mpi/cuda/on_double.hpp"
#include "sseg/backend/as_one.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/train/repel_pass.hpp"
#include "sseg/train/step.hpp"

namespace loss_test {

using namespace sseg;
using cuda::GraphUse;

/// A loss of a user's, which returns its value instead of leaving it on the device.
template <class Inner>
struct Returns : Inner {
  bool operator==(const Returns&) const = default;
  template <class B>
  double operator()(B& backend, LossArgs<typename B::Scalar> a) const {
    a.sum = nullptr;
    return Inner::operator()(backend, a);
  }
  template <class B>
  double part(B& backend, LossArgs<typename B::Scalar> a, View<const typename B::Scalar> all, Index first,
              View<typename B::Scalar> d_unit) const requires AddsUpOverRows<Inner, B> {
    a.sum = nullptr;
    return Inner::part(backend, a, all, first, d_unit);
  }
};

using Loss = Objective<Term<NtXent>, Term<Dino, DinoHead>, Term<ProtoClr>, Term<Returns<NtXent>>,
                       Term<Returns<ProtoClr>>, Term<Returns<Dino>, DinoHead>>;
using Net = Learner<GlobalPool, Loss::Heads>;
constexpr Index images = 12, pixels = 64;

struct Bed {
  Range mine = part_of(images, ranks().size(), ranks().rank());
  Net net = net_with_heads();
  ParamStore<float> student = make_store<float>(net, 0, Rng(1)), teacher = make_store<float>(net, 0, Rng(2));
  Loss loss;
  LossMemory<float> memory;
  std::vector<float> pictures = noise(to_size(2 * mine.size() * pixels));
  Step<float> step;

  Bed() {
    for (auto& weight : {&std::get<0>(loss.terms).weight, &std::get<3>(loss.terms).weight}) weight->value = 0.3f;
  }
  static Net net_with_heads() {
    Net n{{SeedNetwork{.initial_channels = 3, .num_blocks = 1}.build<GlobalPool>({8, 8, 1}), {}}};
    const ProjectionHead one = projection_head(3, 5, 4);
    const DinoHead dino = dino_head(3, 5, 4, 6);
    head(n).heads = {one, dino, one, one, one, dino};
    head(n).on.fill(true);
    return n;
  }
  static std::vector<float> noise(std::size_t count) {
    Rng rng = Rng(5).split(static_cast<std::uint64_t>(ranks().rank()));
    std::vector<float> x(count);
    for (float& v : x) v = static_cast<float>(rng.normal());
    return x;
  }
  /// The losses of some steps and of some passes of a path that is pushed away.
  template <class B>
  std::vector<double> losses_on(B& backend) {
    student.move_to(memory_of(backend)), teacher.move_to(memory_of(backend));
    struct Pictures {
      View<const float> global, local, rotated;
      Index images = 0;
    };
    const Pictures here{{pictures.data(), {2 * mine.size(), 8, 8, 1}}, {}, {}, mine.size()};
    std::vector<double> all;
    for (Index i = 0; i < 4; ++i) {
      AsOne<B> work(backend);
      step.start(backend, net, student, teacher, here, loss, memory, Progress{i, 4});
      work.done();
      all.push_back(step.loss());
    }
    RepelPass<float> repel;
    all.push_back(repel.run(backend, backbone(net), student, teacher, here, Repel{}));
    student.move_to(nullptr), teacher.move_to(nullptr);
    for (Buffer<float>& m : memory) m.move_to(nullptr);
    return all;
  }
};

TEST_CASE("Losses of every kind have the same bits on the device and over the host, and so have their gradients") {
  Bed nccl, mpi;
  std::vector<double> got, want;
  {
    OnDouble place(60, false, GraphUse::on);
    Across across(*place.cuda, *place.nccl);
    static_assert(LeavesLosses<decltype(across)> && GathersWork<decltype(across)>);
    got = nccl.losses_on(across);
    nccl.step = {};
  }
  {
    OnDouble place(60, false, GraphUse::off);
    Across across(*place.cuda, ranks());
    static_assert(!LeavesLosses<decltype(across)> && !GathersWork<decltype(across)>);
    want = mpi.losses_on(across);
    mpi.step = {};
  }
  CHECK(got == want);
  CHECK(want[0] > 0);
  CHECK(nccl.student.grad == mpi.student.grad);
  for (std::size_t k = 0; k < Loss::size; ++k) CHECK(nccl.memory[k] == mpi.memory[k]);
}

TEST_CASE("A loss that is not finite on one rank is told on all") {
  Bed bed;
  if (ranks().rank() == ranks().size() - 1) bed.pictures[0] = std::numeric_limits<float>::infinity();
  OnDouble place(60, false, GraphUse::on);
  Across across(*place.cuda, *place.nccl);
  CHECK_THROWS_WITH(bed.losses_on(across), Catch::Matchers::Contains("the loss is not finite"));
  bed.student.move_to(nullptr), bed.teacher.move_to(nullptr);
  for (Buffer<float>& m : bed.memory) m.move_to(nullptr);
  bed.step = {};
}

}  // namespace loss_test
