#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cstdlib>
#include "sseg/core/error.hpp"

#include "sseg/data/omniglot_path.hpp"

/// Any text is the path of a drawing, whose parts lie in it, or none.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const auto path = sseg::detail::parse_omniglot_path(bytes);
    if (path && path->prefix.size() + path->character.size() > bytes.size()) std::abort();
  } catch (const sseg::Error&) {
  }
  return 0;
}
