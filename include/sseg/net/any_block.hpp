#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// A block of any kind that runs on backend `B`, for stacks of mixed kinds: `Stack<AnyBlock<Cpu>>`. A value with
/// virtual calls inside, one per block and pass; each kind costs only where it is used.
/// Throws: Error when an empty block is asked for anything.
template <Backend B>
class AnyBlock {
  using T = typename B::Scalar;

  struct Face {
    virtual ~Face() = default;
    virtual std::unique_ptr<Face> clone() const = 0;
    virtual bool same(const Face&) const = 0;
    virtual Shape out_shape(Shape) const = 0;
    virtual Index param_count() const = 0;
    virtual Index state_count() const = 0;
    virtual Index keep(Shape) const = 0;
    virtual Index scratch(Shape) const = 0;
    virtual Index macs(Shape) const = 0;
    virtual void describe_params(const std::string&, std::vector<ParamDesc>&) const = 0;
    virtual void forward(B&, const Forward<T>&) const = 0;
    virtual void backward(B&, const Backward<T>&) const = 0;
  };

  template <class L>
  struct Holder final : Face {
    L layer;
    explicit Holder(L l) : layer(std::move(l)) {}
    std::unique_ptr<Face> clone() const override { return std::make_unique<Holder>(layer); }
    bool same(const Face& other) const override {
      const auto* o = dynamic_cast<const Holder*>(&other);
      return o != nullptr && o->layer == layer;
    }
    Shape out_shape(Shape s) const override { return layer.out_shape(s); }
    Index param_count() const override { return layer.param_count(); }
    Index state_count() const override { return layer.state_count(); }
    Index keep(Shape s) const override { return layer.keep(s); }
    Index scratch(Shape s) const override { return layer.scratch(s); }
    Index macs(Shape s) const override { return layer.macs(s); }
    void describe_params(const std::string& at, std::vector<ParamDesc>& list) const override {
      layer.describe_params(at, list);
    }
    void forward(B& b, const Forward<T>& f) const override { layer.forward(b, f); }
    void backward(B& b, const Backward<T>& g) const override { layer.backward(b, g); }
  };

 public:
  static constexpr std::string_view name = "any_block";

  AnyBlock() = default;
  template <class L>
  requires(!std::same_as<std::remove_cvref_t<L>, AnyBlock> &&
           Layer<std::remove_cvref_t<L>, B>) explicit AnyBlock(L&& layer)
      : face_(std::make_unique<Holder<std::remove_cvref_t<L>>>(std::forward<L>(layer))) {}
  AnyBlock(const AnyBlock& o) : face_(o.face_ ? o.face_->clone() : nullptr) {}
  AnyBlock(AnyBlock&&) noexcept = default;
  AnyBlock& operator=(AnyBlock o) noexcept {
    face_ = std::move(o.face_);
    return *this;
  }
  ~AnyBlock() = default;
  friend bool operator==(const AnyBlock& a, const AnyBlock& b) {
    return a.face_ == b.face_ || (a.face_ && b.face_ && a.face_->same(*b.face_));
  }

  Shape out_shape(Shape s) const { return face().out_shape(s); }
  Index param_count() const { return face().param_count(); }
  Index state_count() const { return face().state_count(); }
  Index keep(Shape s) const { return face().keep(s); }
  Index scratch(Shape s) const { return face().scratch(s); }
  Index macs(Shape s) const { return face().macs(s); }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const { face().describe_params(at, list); }
  void forward(B& b, const Forward<T>& f) const { face().forward(b, f); }
  void backward(B& b, const Backward<T>& g) const { face().backward(b, g); }

 private:
  const Face& face() const {
    if (!face_) throw Error("this block is empty", "AnyBlock", "construct it from a layer: AnyBlock<B>(Relu{})");
    return *face_;
  }
  std::unique_ptr<Face> face_;
};

}  // namespace sseg
