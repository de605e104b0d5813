#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/augment/two_views.hpp"
#include "sseg/backend/from_host.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/brought_views.hpp"
#include "sseg/train/global_loss.hpp"
#include "sseg/train/head_pass.hpp"
#include "sseg/train/loss_scaling.hpp"
#include "sseg/train/loss_shares.hpp"
#include "sseg/train/rows_of_all.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// The forward and backward pass of one batch: losses and gradients, nothing updated but the running statistics and the
/// losses' memory. Owns the workspace; the first call sizes it, later calls of the same shapes do not allocate.
/// On a backend of several ranks (OnRanks) `views` are the rank's own; losses and gradients are of the whole batch.
///   features = backbone(views), each resolution by itself, so that batch norm sees pictures of one kind;
///   per term:  z = head(features),  L_k(z),  ∂L/∂features += w_k·∂L_k/∂features;   then backwards through the backbone
template <class T>
class Step {
 public:
  /// L = Σ w_k·L_k and `student.grad` = ∂L/∂w. `pictures` has members global, local, rotated (V·N, H, W, C) and images,
  /// and lies on the host, or is BroughtViews; the stores lie where the backend's arrays do.
  /// `update_state`: the global views move the running statistics of the backbone (evaluation sees whole pictures, so
  /// local crops and rotated copies do not), and what a head sees those of the head. The teacher sees the first two
  /// global views, with the statistics of the batch, and gets no gradient. Throws: Error when the loss is not finite,
  /// or crops of another size do not fit the heads.
  template <class B, class Readout, class... Terms, class V>
  double run(B& backend, const Learner<Readout, Heads<Terms...>>& net, ParamStore<T>& student, ParamStore<T>& teacher,
             const V& pictures, const Objective<Terms...>& objective, LossMemory<T>& memory, Progress at,
             bool update_state = true) {
    start(backend, net, student, teacher, pictures, objective, memory, at, update_state);
    return loss();
  }
  /// The same, but the loss stays where it was made: on a backend with memory of its own nobody waits for it, and
  /// nobody has looked whether it is finite.
  template <class B, class Readout, class... Terms, class V>
  void start(B& backend, const Learner<Readout, Heads<Terms...>>& net, ParamStore<T>& student, ParamStore<T>& teacher,
             const V& pictures, const Objective<Terms...>& objective, LossMemory<T>& memory, Progress at,
             bool update_state = true) {
    const auto& cnn = backbone(net);
    const Here& views = views_ = bring(backend, pictures);
    rows_ = rows_of(backend, cnn, views);
    embed(backend, cnn, student, views, update_state);
    if (objective.needs_teacher(at)) embed_teacher(backend, cnn, teacher, views);
    student.zero_grad();
    dispatch(backend, Fill<T>{rows_.all() * rows_.dim, T{}, d_features_.data()});
    memory.resize(sizeof...(Terms));
    shares_.start(sizeof...(Terms));
    make_room(backend, sums_, LeavesLosses<B> ? sizeof...(Terms) : 0);
    make_room(backend, overflow_, LossScaling<B>::away ? 1 : 0);
    objective.each_active(at, [&](auto i, const auto& term) {
      shares_.weights[i] = static_cast<double>(term.weight(at));
      shares_.returned[i] = run_term<i>(backend, net, student, teacher, term, memory[i], at, update_state);
    });
    if constexpr (!LeavesLosses<B>) (void)shares_.loss();
    const AllRanks<B> ranks(backend);
    ranks.begin_sum_of_losses(sums_.span());  // until the gradients are summed
    each_group(views, [&](std::size_t k, View<const T> x, Index begin) {
      const View<T> y = features(begin, x.shape[0]);
      const auto pass = [&] {
        traces_[k].backward_from(backend, cnn, student, x, y, {d_features_.data() + begin * rows_.dim, y.shape});
      };
      if (begin + x.shape[0] < rows_.all()) return pass();
      ranks.sum_gradients(student.grad, cnn.param_count(), pass);  // gradients of the heads are complete
    });
    finite_ = LossScaling<B>(backend).take_out(student.grad.span(), overflow_.data());
    if (update_state) ranks.settle_statistics(student.state);
  }

  /// False after a step whose gradients have overflowed, which a backend that scales the loss (ScalesLoss) may bring
  /// about: nothing is to be made of them, the next step has a smaller scale. Waits where the scale is not on the host;
  /// LossScaling::update does not.
  bool finite() const { return finite_ && overflow_on_host() == 0; }
  /// Of UnscaleGradients, where the backend's arrays lie; empty where it does not keep the scale there.
  std::span<const double> overflow() const { return overflow_.span(); }
  /// That of the last step. Waits for it where it is not on the host. Throws: Error when it is not finite.
  double loss() const {
    std::vector<double> there(to_size(sums_.size()));
    sums_.download(there);
    const double value = shares_.loss(there);
    check_overflow(overflow_on_host());
    return value;
  }
  /// What it is made of: the host's share, and what losses have left where the backend's arrays lie (one number a term;
  /// empty where they leave nothing).
  LossPart part() const { return {shares_, sums_.span(), overflow_.span()}; }
  /// While what is returned lives, an error calls the loss this; else "the loss". Keeps the view.
  [[nodiscard]] auto call_it(std::string_view name) {
    struct Named {
      Named(std::string_view& at, std::string_view name) : at_(at), before_(std::exchange(at, name)) {}
      Named(const Named&) = delete;
      Named& operator=(const Named&) = delete;
      ~Named() { at_ = before_; }

     private:
      std::string_view &at_, before_;
    };
    return Named(shares_.whose, name);
  }
  /// The value of each term in the last step, before its weight; 0 where it was not active. Of steps on the host.
  const std::vector<double>& losses() const { return shares_.returned; }
  /// The loss's gradient in the features of the last step's global views, (V·N, D).
  View<const T> feature_gradient() const { return {d_features_.data(), {rows_.global, rows_.dim}}; }
  /// After `run`: f(head, its seat, its pass, h) for the head of every term that looked at global views; h are the
  /// features of those that it saw, the first of them.
  template <class Readout, class... Terms, class F>
  void each_head(const Learner<Readout, Heads<Terms...>>& net, const Objective<Terms...>& objective, Progress at,
                 F&& f) {
    objective.each_active(at, [&](auto i, const auto& term) {
      const Range range = seen(term.sees);
      if (range.begin < rows_.global)
        f(std::get<i>(head(net).heads), seat_of(net, i), passes_[i], features(0, std::min(range.size(), rows_.global)));
    });
  }
  /// Features of the last step's first two global views, (2N, D), where the backend's arrays lie.
  View<const T> pair_features() { return features(0, 2 * rows_.images); }
  /// And those of all ranks.
  template <class B>
  View<const T> all_pair_features(B& backend) {
    return pair_rows_(backend, pair_features(), rows_.images);
  }
  /// The views of the last step where the backend's arrays lie.
  const BroughtViews<T>& views() const { return views_; }
  /// The workspace for other passes over the same net between steps.
  Trace<T>& trace() { return traces_[0]; }

 private:
  double overflow_on_host() const {
    double there = 0;
    if (overflow_.size() > 0) overflow_.download({&there, 1});
    return there;
  }
  /// `count` zeros where the backend's arrays lie; 0: nothing, as on another backend.
  template <class B>
  static void make_room(B& backend, Buffer<double>& numbers, std::size_t count) {
    numbers.lie_in(count > 0 ? memory_of(backend) : nullptr);
    numbers.resize(static_cast<Index>(count));
  }

  /// How the rows of all groups follow each other, and their width.
  struct Rows {
    Index images = 0, global = 0, local = 0, rotated = 0, dim = 0;
    Index all() const { return global + local + rotated; }
  };

  using Here = BroughtViews<T>;
  template <class B, class V>
  Here bring(B& backend, const V& v) {
    return {from_host_[0](backend, View<const T>(v.global)), from_host_[1](backend, View<const T>(v.local)),
            from_host_[2](backend, View<const T>(v.rotated)), v.images};
  }
  template <class B>
  static Here bring(B&, const Here& v) {
    return v;
  }

  template <class F>
  void each_group(const Here& views, F&& f) {
    if (views.global) f(std::size_t{0}, views.global, Index{0});
    if (views.local) f(std::size_t{1}, views.local, rows_.global);
    if (views.rotated) f(std::size_t{2}, views.rotated, rows_.global + rows_.local);
  }

  template <class B, class Cnn>
  Rows rows_of(B& backend, const Cnn& cnn, const Here& views) {
    Rows r;
    r.images = views.images;
    require(views.global && views.images >= 1 && views.global.shape[0] >= 2 * views.images,
            "a step needs two global views of every image", "Step", "ask the ViewSet for at least two global views");
    r.global = views.global.shape[0];
    r.local = views.local ? views.local.shape[0] : 0;
    r.rotated = views.rotated ? views.rotated.shape[0] : 0;
    r.dim = cnn.out_shape(views.global.shape)[1];
    if (views.local)
      require(cnn.out_shape(views.local.shape)[1] == r.dim, "local crops of this size give other features", "Step",
              "make them as large as the global ones, or read the backbone out by GlobalPool");
    reserve_for(backend, features_, r.all() * r.dim);
    reserve_for(backend, d_features_, r.all() * r.dim);
    if (positive_.size() != 2 * r.images || positive_.memory() != memory_of(backend)) {
      positive_.lie_in(nullptr);
      positive_.resize(2 * r.images);
      for (Index i = 0; i < 2 * r.images; ++i) positive_[i] = TwoViews::positive(i, 2 * r.images);
      positive_.move_to(memory_of(backend));
    }
    return r;
  }
  View<T> features(Index begin, Index count) { return {features_.data() + begin * rows_.dim, {count, rows_.dim}}; }

  template <class B, class Cnn>
  void embed(B& backend, const Cnn& cnn, ParamStore<T>& student, const Here& views, bool update_state) {
    each_group(views, [&](std::size_t k, View<const T> x, Index begin) {
      traces_[k].forward_into(backend, cnn, student, x, features(begin, x.shape[0]), update_state && k == 0);
    });
  }
  template <class B, class Cnn>
  void embed_teacher(B& backend, const Cnn& cnn, ParamStore<T>& teacher, const Here& views) {
    Shape pair = views.global.shape;
    pair.extent[0] = 2 * rows_.images;
    reserve_for(backend, teacher_features_, pair[0] * rows_.dim);
    teacher_trace_.forward_into(backend, cnn, teacher, View<const T>{views.global.data, pair},
                                View<T>{teacher_features_.data(), {pair[0], rows_.dim}}, false);
  }

  /// Rows a term looks at: where they begin, and how many.
  Range seen(Sees sees) const {
    switch (sees) {
      case Sees::pair:
        return {0, 2 * rows_.images};
      case Sees::global:
        return {0, rows_.global};
      case Sees::crops:
        return {0, rows_.global + rows_.local};
      case Sees::rotated:
        return {rows_.global + rows_.local, rows_.all()};
    }
    return {};
  }

  /// Where the parameters of a head lie in the store of the whole.
  template <class Net>
  static Seat seat_of(const Net& net, std::size_t i) {
    Seat seat = head(net).seat(i);
    seat.param += backbone(net).param_count();
    seat.state += backbone(net).state_count();
    return seat;
  }

  template <std::size_t I, class B, class Net, class Task>
  double run_term(B& backend, const Net& net, ParamStore<T>& student, ParamStore<T>& teacher, const Task& term,
                  Buffer<T>& memory, Progress at, bool update_state) {
    using Loss = decltype(term.loss);
    static_assert(LossTerm<Loss, B>,
                  "sseg: a loss term needs name, scratch(Shape) and "
                  "double operator()(B&, const LossArgs<Scalar>&) const.");
    const auto& one = std::get<I>(head(net).heads);
    const Seat seat = seat_of(net, I);
    const Range range = seen(term.sees);
    if (range.size() == 0)
      throw Error("a loss finds no pictures of its kind in the batch", std::string(Task::name),
                  "make the views that it sees");
    if (passes_.size() <= I) passes_.resize(I + 1), global_.resize(I + 1);
    HeadPass<T>& pass = passes_[I];

    LossArgs<T> a{};
    if constexpr (Task::needs_teacher)
      a.teacher = pass.teach(backend, one, teacher, seat, {teacher_features_.data(), {2 * rows_.images, rows_.dim}});
    const View<const T> h = features(range.begin, range.size());
    a.z = pass.forward(backend, one, student, seat, h, update_state);
    a.dz = pass.gradient(a.z.shape);
    a.positive = positive_.span();
    a.scratch = pass.loss_scratch(term.loss.scratch(a.z.shape));
    memory.move_to(memory_of(backend));
    lay_out_memory<B>(memory, memory_of(term.loss, a.z.shape), Task::name);
    a.memory = memory.span();
    a.images = rows_.images;
    a.at = at;
    if constexpr (LeavesLosses<B>) a.sum = sums_.data() + I;
    double value = global_[I].run(backend, term.loss, a);
    if constexpr (LeavesLosses<B> && OnRanks<B>) {
      constexpr auto has = GlobalLoss<T>::template value_of<Loss, B>;
      value = leave_to_ranks(backend, I, value, has == GlobalLoss<T>::Value::whole);
      if (has == GlobalLoss<T>::Value::mean) shares_.ranks[I] = static_cast<double>(AllRanks<B>(backend).size());
    }
    LossScaling<B>(backend).put_in(static_cast<T>(term.weight(at)), a.dz.flat());
    pass.backward(backend, one, student, seat, h, d_features_.data() + range.begin * rows_.dim);
    if (at.step < term.frozen_steps) freeze_last(backend, one, student, seat);
    return value;
  }

  /// Of what rank has in sums_ and on the host, all goes to sums_, whose sum over ranks is the loss. `whole`: each has
  /// all of it, so that the first is enough. What is left on the host: nothing, but for one rank.
  template <class B>
  double leave_to_ranks(B& backend, std::size_t term, double value, bool whole) {
    const AllRanks<B> ranks(backend);
    if (ranks.size() == 1) return value;
    const auto memory = memory_of(backend);
    double* const sum = sums_.data() + term;
    if (whole && !ranks.first()) {
      memory->clear(sum, sizeof(double));
    } else if (value != 0) {  // of a loss that has waited for it anyway
      double there = 0;
      memory->download(&there, sum, sizeof(double));
      value += there;
      memory->upload(sum, &value, sizeof(double));
    }
    return 0;
  }

  /// What a loss remembers is made once: another length means that it belongs to another run.
  template <class B>
  static void lay_out_memory(Buffer<T>& memory, Index wanted, std::string_view task) {
    if (memory.size() == 0 && wanted > 0) {
      memory.resize(wanted);
      // Not by gathered work, which a step that fails forgets.
      if constexpr (HasMemory<B>) memory.upload(std::vector<T>(to_size(wanted)));
    }
    if (memory.size() != wanted)
      throw Error("the loss remembers " + std::to_string(memory.size()) + " values, but for these outputs it needs " +
                      std::to_string(wanted),
                  std::string(task), "resume with the objective of the run that wrote the checkpoint, undamaged");
  }

  /// The parameters of a head's last layer stand last among its own.
  template <class B, class Head>
  static void freeze_last(B& backend, const Head& one, ParamStore<T>& student, const Seat& seat) {
    const Index count = std::get<Head::size - 1>(one.layers).param_count();
    dispatch(backend, Fill<T>{count, T{}, student.grad.data() + seat.param + seat.params - count});
  }

  Rows rows_;
  std::array<FromHost<T>, 3> from_host_;
  BroughtViews<T> views_;
  std::array<Trace<T>, 3> traces_;
  Trace<T> teacher_trace_;
  std::vector<HeadPass<T>> passes_;
  std::vector<GlobalLoss<T>> global_;
  RowsOfAll<T> pair_rows_;
  Buffer<T> features_, d_features_, teacher_features_;
  Buffer<Index> positive_;
  LossShares shares_;
  Buffer<double> sums_, overflow_;
  bool finite_ = true;
};

}  // namespace sseg
