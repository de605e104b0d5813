#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/json.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensor.hpp"
#include "sseg/io/safetensors_header.hpp"

namespace sseg {

/// A safetensors file in memory (https://github.com/huggingface/safetensors): named tensors and a text-to-text
/// metadata. The same contents give the same bytes. Tensors lie in the file by falling element size, then by name.
class SafeTensors {
 public:
  static_assert(std::endian::native == std::endian::little, "sseg::SafeTensors: written for little-endian machines.");

  std::map<std::string, std::string> metadata;

  const std::map<std::string, SafeTensor>& tensors() const { return tensors_; }
  bool contains(const std::string& name) const { return tensors_.count(name) != 0; }

  /// Throws `Error` naming the tensor that is missing, and how many there are.
  const SafeTensor& at(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw missing(name);
    return found->second;
  }

  /// Adds or replaces a tensor of T: float, double or an integer of 8 to 64 bits.
  /// Throws `Error` when shape and values do not fit, or on the reserved name "__metadata__".
  template <class T>
  void put(const std::string& name, const std::vector<Index>& shape, std::span<const T> values) {
    put_bytes(name, dtype_of<T>(), shape, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
  }
  /// Adds or replaces a tensor of any element type of the format, from its bytes.
  void put_bytes(const std::string& name, std::string_view dtype, const std::vector<Index>& shape,
                 std::span<const std::uint8_t> bytes) {
    const Index element = detail::safetensor_element_bytes(dtype);
    if (name == "__metadata__" || element == 0 ||
        detail::safetensor_byte_count(shape, element) != static_cast<Index>(bytes.size()))
      throw Error("no tensor " + detail::safetensor_shape_text(shape) + " of type " + std::string(dtype) + " from " +
                      std::to_string(bytes.size()) + " bytes",
                  "tensor '" + name + "'", "Make the shape fit the values; the name __metadata__ is reserved.");
    SafeTensor tensor{std::string(dtype), shape, Buffer<std::uint8_t>(static_cast<Index>(bytes.size()))};
    std::copy(bytes.begin(), bytes.end(), tensor.bytes.begin());
    tensors_.insert_or_assign(name, std::move(tensor));
  }

  /// Copies the values of a tensor to `out`. Throws `Error`: missing, another element type, another count.
  template <class T>
  void read(const std::string& name, std::span<T> out) const {
    const SafeTensor& tensor = at(name);
    if (tensor.dtype != dtype_of<T>())
      throw Error("the tensor holds " + tensor.dtype + ", not " + std::string(dtype_of<T>()), "tensor '" + name + "'",
                  "Read it by its own type, or convert the file.");
    if (to_size(tensor.bytes.size()) != out.size_bytes())
      throw Error("the tensor has shape " + detail::safetensor_shape_text(tensor.shape) + ", but " +
                      std::to_string(out.size()) + " values are wanted",
                  "tensor '" + name + "'", "The file belongs to a network of another size.");
    if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), out.size_bytes());
  }
  /// The values of a tensor. Throws `Error`: missing, another element type.
  template <class T>
  std::vector<T> values(const std::string& name) const {
    std::vector<T> out(to_size(at(name).bytes.size()) / sizeof(T));
    read(name, std::span<T>(out));
    return out;
  }

  /// The whole file. Throws `Error` on a name or metadata that is not UTF-8, or a header over 100 MB.
  std::string to_bytes() const {
    std::vector<const Named*> order;
    for (const Named& named : tensors_) order.push_back(&named);
    std::stable_sort(order.begin(), order.end(), [](const Named* a, const Named* b) {
      return detail::safetensor_element_bytes(a->second.dtype) > detail::safetensor_element_bytes(b->second.dtype);
    });
    Json json = Json::object();
    if (!metadata.empty()) json["__metadata__"] = metadata;
    Index end = 0;
    for (const Named* named : order) {
      const auto& [name, tensor] = *named;
      const Index begin = std::exchange(end, end + tensor.bytes.size());
      json[name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    }
    std::string header = to_text(json);
    header.resize((header.size() + 7) / 8 * 8, ' ');
    if (static_cast<Index>(header.size()) > detail::SafeTensorsHeader::max_bytes)
      throw Error("the header is over 100,000,000 bytes", "SafeTensors", "Store fewer tensors or less metadata.");

    std::string bytes;
    bytes.reserve(8 + header.size() + to_size(end));
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xff);
    bytes += header;
    for (const Named* named : order)
      bytes.append(reinterpret_cast<const char*>(named->second.bytes.data()), to_size(named->second.bytes.size()));
    return bytes;
  }
  /// Reads a whole file from memory; `where` names it in messages. Throws `Error` on anything the format does not
  /// allow.
  static SafeTensors from_bytes(std::string_view bytes, const std::string& where) {
    auto header = detail::parse_safetensors_header(bytes, where);
    SafeTensors file;
    file.metadata = std::move(header.metadata);
    for (auto& entry : header.entries) {
      const auto data = bytes.substr(to_size(header.data_begin + entry.begin), to_size(entry.end - entry.begin));
      SafeTensor tensor{std::move(entry.dtype), std::move(entry.shape), Buffer<std::uint8_t>(entry.end - entry.begin)};
      if (!data.empty()) std::memcpy(tensor.bytes.data(), data.data(), data.size());
      file.tensors_.emplace(std::move(entry.name), std::move(tensor));
    }
    return file;
  }

  /// Writes the file, all or nothing. Throws `Error` as `write_file_atomically` does.
  void save(const std::filesystem::path& path) const { write_file_atomically(path, to_bytes()); }
  /// Throws `Error`: missing, unreadable, over `max_bytes`, damaged.
  static SafeTensors load(const std::filesystem::path& path, Index max_bytes = Index{1} << 34) {
    return from_bytes(read_file(path, max_bytes), path.string());
  }

 private:
  using Named = std::map<std::string, SafeTensor>::value_type;

  template <class T>
  static constexpr std::string_view dtype_of() {
    constexpr std::string_view name = detail::safetensor_type_name<T>();
    static_assert(!name.empty(), "sseg::SafeTensors: tensors hold float, double or integers of 8 to 64 bits.");
    return name;
  }
  Error missing(const std::string& name) const {
    std::string have = "The file holds " + std::to_string(tensors_.size()) + " tensors";
    std::size_t listed = 0;
    for (const auto& [other, tensor] : tensors_) {
      if (++listed > 8) break;
      have += (listed == 1 ? ": " : ", ") + other;
    }
    return {"no tensor '" + name + "'", "safetensors", have + (tensors_.size() > 8 ? ", …" : "") + ". Check the name."};
  }

  std::map<std::string, SafeTensor> tensors_;
};

}  // namespace sseg
