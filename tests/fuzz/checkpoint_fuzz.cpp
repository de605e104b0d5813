#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/train/checkpoint.hpp"
#include "unit/train/golden_run.hpp"

namespace {

using Named = std::pair<std::string, sseg::SafeTensor>;

const sseg::SafeTensors& golden() {
  static const auto file = sseg::SafeTensors::load(golden_run::file(sseg::checkpoint_version));
  return file;
}

/// Leaves out one tensor, or cuts it short, makes it whole numbers, or fills it with one byte.
sseg::SafeTensors with_change(unsigned which, unsigned change, std::uint8_t byte) {
  sseg::SafeTensors out;
  out.metadata = golden().metadata;
  out.metadata.erase("checksum");
  unsigned place = 0;
  for (const auto& [name, tensor] : golden().tensors()) {
    std::vector<std::uint8_t> bytes(tensor.bytes.begin(), tensor.bytes.end());
    const auto all = static_cast<sseg::Index>(bytes.size());
    const bool meant = place++ == which;
    if (meant && change == 1) continue;
    if (meant && change == 2 && all >= 4)
      out.put_bytes(name, tensor.dtype, {1}, std::span(bytes).first(tensor.dtype == "U8" ? 1 : 4));
    else if (meant && change == 3)
      out.put_bytes(name, "U8", {all}, bytes);
    else
      out.put_bytes(name, tensor.dtype, tensor.shape,
                    meant && change == 4 ? std::vector<std::uint8_t>(bytes.size(), byte) : bytes);
  }
  return out;
}

}  // namespace

/// The golden checkpoint with its genome, record and configuration taken from the input (three texts, each ended by a
/// zero; one that is empty stays as it was), and with one tensor altered as the first three bytes tell, is a training
/// state or an `Error`. The sum is left out, as by somebody who alters the file on purpose.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t before = 3;
  if (size < before) return 0;
  auto file = with_change(data[0], data[1] % 5U, data[2]);
  std::string_view rest(reinterpret_cast<const char*>(data + before), size - before);
  for (const char* name : {"genome", "train", "config"}) {
    const auto text = rest.substr(0, rest.find('\0'));
    if (!text.empty()) file.metadata[name] = text;
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
  }
  try {
    sseg::detail::read_checkpoint<golden_run::Net>(file, "fuzz");
  } catch (const sseg::Error&) {
    if (size == before && data[1] % 5U == 0) std::abort();  // unaltered, it must be read
  }
  return 0;
}
