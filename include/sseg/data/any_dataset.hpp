#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Any data set behind one type, so that a program is compiled once for pictures in memory, in files, or made when they
/// are read. Copies share the data set. One call through a pointer a picture; `read` may run on many threads at once.
class AnyDataset {
 public:
  /// No pictures.
  AnyDataset() = default;
  /// Takes the data set over: hand large ones in by std::move.
  template <Dataset D>
  requires(!std::same_as<D, AnyDataset>) AnyDataset(D data) : model_(std::make_shared<Model<D>>(std::move(data))) {}

  Index size() const { return model_ ? model_->size() : 0; }
  ImageSpec spec() const { return model_ ? model_->spec() : ImageSpec{}; }
  Index read(Index i, View<float> out) const {
    require(model_ != nullptr, "there are no pictures to read", "AnyDataset", "give it a data set");
    return model_->read(i, out);
  }
  /// Names of coarser classes (Omniglot: alphabets); empty where the data set has none.
  const std::vector<std::string>& groups() const {
    static const std::vector<std::string> none;
    return model_ ? model_->groups() : none;
  }

 private:
  struct Base {
    Base() = default;
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;
    virtual ~Base() = default;
    virtual Index size() const = 0;
    virtual ImageSpec spec() const = 0;
    virtual Index read(Index i, View<float> out) const = 0;
    virtual const std::vector<std::string>& groups() const = 0;
  };
  template <class D>
  struct Model final : Base {
    explicit Model(D d) : data(std::move(d)) {}
    Index size() const override { return data.size(); }
    ImageSpec spec() const override { return data.spec(); }
    Index read(Index i, View<float> out) const override { return data.read(i, out); }
    const std::vector<std::string>& groups() const override {
      static const std::vector<std::string> none;
      if constexpr (requires {
                      { data.groups } -> std::convertible_to<const std::vector<std::string>&>;
                    })
        return data.groups;
      else
        return none;
    }
    D data;
  };

  std::shared_ptr<const Base> model_;
};

static_assert(Dataset<AnyDataset>);

/// Some pictures of a data set, in an order of their own.
struct Selection {
  AnyDataset from;
  std::vector<Index> index;  ///< of picture i in `from`

  Index size() const { return static_cast<Index>(index.size()); }
  ImageSpec spec() const { return from.spec(); }
  Index read(Index i, View<float> out) const { return from.read(index[to_size(i)], out); }
};

static_assert(Dataset<Selection>);

}  // namespace sseg
