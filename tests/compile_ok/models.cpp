// Which type models which concept.
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/concepts/mutation.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/data/images.hpp"
#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/evolve/widen_net2wider.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/l2_normalize.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/layer/norm_relu_pool.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/nt_xent.hpp"

namespace {

using namespace sseg;
using Oracle = Reference<double>;

template <class L>
constexpr bool is_layer = Layer<L, Cpu>&& Layer<L, Oracle>&& Layer<L, Reference<float>>;

static_assert(Backend<Cpu> && Backend<Oracle>);
static_assert(!Backend<int>);

static_assert(is_layer<Conv2d> && is_layer<Linear> && is_layer<NormReluPool> && is_layer<Relu> && is_layer<Flatten>);
static_assert(is_layer<GlobalPool> && is_layer<L2Normalize> && is_layer<ProjectionHead>);
static_assert(is_layer<EvolvableCnn<Flatten>> && is_layer<EvolvableCnn<GlobalPool>> && is_layer<Learner<>>);
static_assert(!LayerSpec<int> && !LayerSpec<Shape>);

static_assert(Joins<Conv2d, Flatten> && Joins<Flatten, Linear> && Joins<Relu, Linear> && Joins<Conv2d, Relu>);
static_assert(!Joins<Conv2d, Linear> && !Joins<Linear, Conv2d>);

static_assert(LossTerm<NtXent, Cpu> && LossTerm<NtXent, Oracle>);
static_assert(Optimizer<AdamW, Cpu, ParamStore<float>> && Optimizer<AdamW, Oracle, ParamStore<double>>);
static_assert(Mutation<Grow, Learner<>, ParamStore<float>> && Mutation<Widen, Learner<>, ParamStore<float>>);
static_assert(Mutation<WidenNet2Wider, Learner<>, ParamStore<float>> && HasSettle<WidenNet2Wider, Learner<>>);
static_assert(Mutation<WidenGradMax, Learner<>, ParamStore<float>> && HasCandidates<WidenGradMax, Learner<>>);
static_assert(Mutation<AddStage, Learner<>, ParamStore<float>> && HasCandidates<AddStage, Learner<>>);
static_assert(Dataset<Images>);

// A network's type says nothing of its size: grown and seed nets are the same type.
static_assert(std::regular<Learner<>>);

}  // namespace
