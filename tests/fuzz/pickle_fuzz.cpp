#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/pickle.hpp"

namespace {

/// Reads all of a value; shared parts are met many times, so only so many.
sseg::Index walk(const sseg::PickleValue& value, sseg::Index& left) {
  if (--left < 0) return 0;
  sseg::Index sum = static_cast<sseg::Index>(value.kind().size());
  if (const auto text = value.text()) sum += static_cast<sseg::Index>(text->size());
  if (const auto* list = value.list())
    for (const auto* item : list->items) sum += walk(*item, left);
  if (const auto* dict = value.dict())
    for (const auto& [key, item] : dict->items) sum += walk(*key, left) + walk(*item, left);
  if (const auto* array = value.array()) {
    sum += array->c_order() ? 1 : 0;
    for (sseg::Index i = 0; i < array->count(); ++i) sum += array->integer(i).value_or(1) & 1;
  }
  return sum;
}

}  // namespace

/// Any bytes are a value that can be walked or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const sseg::Pickle pickle({reinterpret_cast<const char*>(data), size}, "fuzz.pkl", {.steps = 1 << 16});
    sseg::Index left = 100'000;
    walk(pickle.root(), left);
  } catch (const sseg::Error&) {
  }
  return 0;
}
