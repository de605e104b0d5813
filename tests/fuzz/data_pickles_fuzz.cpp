#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/data/cifar_fs_pickles.hpp"
#include "sseg/data/mini_imagenet_pickles.hpp"

namespace {

template <class Read>
void attempt(Read&& read) {
  try {
    read();
  } catch (const sseg::Error&) {
  }
}

void copy_all(const sseg::detail::StackOfClasses& set) {
  if (set.stack.shape.count() > 1 << 16) return;
  std::vector<std::uint8_t> picture(sseg::to_size(set.stack.shape.count()));
  for (const auto& pictures : set.pictures)
    for (const sseg::Index i : pictures) set.stack.copy(i, {picture.data(), set.stack.shape});
}

}  // namespace

/// Any pickle is a data set in one of the forms in which they are passed on, or an `Error` for each.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sseg::Split;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const sseg::detail::NamedBytes file{std::string(bytes), "fuzz.pkl"};
  attempt([&] {
    const sseg::Pickle pickle(bytes, "fuzz.pkl", {.steps = 1 << 16});
    attempt([&] { copy_all(sseg::detail::mini_imagenet_cache(pickle.root(), Split::validation, "fuzz.pkl")); });
    attempt([&] { copy_all(sseg::detail::mini_imagenet_category_split(pickle.root(), Split::test, "fuzz.pkl")); });
    attempt([&] { sseg::detail::cifar_fs_from_pickle(file, Split::validation, true); });
    attempt([&] { sseg::detail::cifar_fs_from_python(file, {file, file}, Split::test, true); });
  });
  return 0;
}
