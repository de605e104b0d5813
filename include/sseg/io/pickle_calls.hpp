#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_cursor.hpp"
#include "sseg/io/pickle_text.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg::detail {

/// What a pickle means by a global name; nothing for all names but those that arrays, bytes and dicts need.
inline std::optional<PickleName> allowed_pickle_name(std::string_view module, std::string_view name) {
  struct Allowed {
    std::string_view module, name;
    PickleName meaning;
  };
  using enum PickleName;
  constexpr std::array<Allowed, 16> all{{{"numpy.core.multiarray", "_reconstruct", reconstruct},
                                         {"numpy._core.multiarray", "_reconstruct", reconstruct},
                                         {"numpy.multiarray", "_reconstruct", reconstruct},
                                         {"numpy.core.multiarray", "scalar", scalar},
                                         {"numpy._core.multiarray", "scalar", scalar},
                                         {"numpy.multiarray", "scalar", scalar},
                                         {"numpy.core.numeric", "_frombuffer", frombuffer},
                                         {"numpy._core.numeric", "_frombuffer", frombuffer},
                                         {"numpy", "ndarray", ndarray},
                                         {"numpy", "dtype", dtype},
                                         {"_codecs", "encode", encode},
                                         {"collections", "OrderedDict", ordered_dict},
                                         {"builtins", "bytes", bytes},
                                         {"__builtin__", "bytes", bytes},
                                         {"builtins", "bytearray", bytearray},
                                         {"__builtin__", "bytearray", bytearray}}};
  for (const Allowed& a : all)
    if (a.module == module && a.name == name) return a.meaning;
  return {};
}

/// What the allowed functions would return, made from their arguments without running anything.
class PickleCalls {
 public:
  using Value = decltype(PickleValue::value);
  using Args = std::vector<const PickleValue*>;

  explicit PickleCalls(const PickleCursor& at) : at_(at) {}

  /// The value of `name(args...)`. Text that has to be translated is put into `own`.
  template <class Own>
  Value operator()(PickleName name, const Args& args, Own&& own) const {
    switch (name) {
      case PickleName::reconstruct:
        return reconstruct(args);
      case PickleName::frombuffer:
        return frombuffer(args);
      case PickleName::scalar:
        return scalar(args);
      case PickleName::dtype:
        return dtype(args);
      case PickleName::ordered_dict:
        return ordered_dict(args);
      case PickleName::encode:
        return encode(args, own);
      case PickleName::bytes:
      case PickleName::bytearray:
        if (args.empty()) return PickleValue::Bytes{};
        if (args.size() == 2) return encode(args, own);
        if (args.size() == 1)
          if (const auto* b = std::get_if<PickleValue::Bytes>(&args[0]->value)) return *b;
        at_.fail("bytes are made from " + kinds(args) + ", not from bytes");
      case PickleName::ndarray:
        break;
    }
    at_.fail("the pickle calls numpy.ndarray", PickleCursor::unsafe);
  }

  /// Gives an array or dtype its contents, as the opcode BUILD does.
  void build(PickleValue& target, const PickleValue& state) const {
    const auto* parts = state.list();
    auto* array = std::get_if<PickleArray>(&target.value);
    auto* type = std::get_if<PickleValue::Dtype>(&target.value);
    if (array == nullptr && type == nullptr)
      at_.fail("the pickle sets the state of " + std::string(target.kind()), PickleCursor::unsafe);
    if (parts == nullptr) at_.fail("the state of an array or dtype is " + std::string(state.kind()) + ", not a tuple");
    if (array != nullptr)
      build_array(*array, parts->items);
    else
      build_dtype(*type, parts->items);
  }

 private:
  static constexpr std::size_t most_axes = 32;

  static std::string kinds(const Args& args) {
    std::string text = "(";
    for (std::size_t i = 0; i < args.size() && i < 8; ++i) text += (i > 0 ? ", " : "") + std::string(args[i]->kind());
    return text + ")";
  }

  Value reconstruct(const Args& args) const {
    const auto* name = args.empty() ? nullptr : std::get_if<PickleName>(&args[0]->value);
    if (name == nullptr || *name != PickleName::ndarray) at_.fail("numpy's _reconstruct is given " + kinds(args));
    return PickleArray{"|i1", {0}, {1}, {}};
  }

  Value dtype(const Args& args) const {
    const auto name = args.empty() ? std::nullopt : args[0]->text();
    if (!name || args.size() > 3) at_.fail("numpy's dtype is given " + kinds(args));
    constexpr std::string_view kinds_read = "biufSU";
    const bool named = name->size() >= 2 && name->size() <= 8 && kinds_read.find((*name)[0]) != name->npos &&
                       name->find_first_not_of("0123456789", 1) == name->npos;
    const auto size = named ? at_size(name->substr(1)) : -1;
    const bool number = named && (*name)[0] != 'S' && (*name)[0] != 'U';
    if (!named || (number && size != 1 && size != 2 && size != 4 && size != 8))
      at_.fail("arrays of the dtype '" + PickleCursor::shown(*name) + "' are not read",
               "Save the array as whole numbers, floats or texts of a fixed length, without Python objects in it.");
    return PickleValue::Dtype{(size == 1 && number ? "|" : (*name)[0] == 'S' ? "|" : "<") + std::string(*name)};
  }
  static Index at_size(std::string_view digits) {
    Index size = 0;
    for (const char c : digits) size = 10 * size + (c - '0');
    return size;
  }

  void build_dtype(PickleValue::Dtype& type, const Args& state) const {
    // (version, byte order, subdtype, names, fields, item size, alignment, flags), and with version 4 metadata.
    constexpr std::size_t fewest = 5;
    const auto order = state.size() < fewest ? std::nullopt : state[1]->text();
    if (!order || order->size() != 1) at_.fail("the state of a dtype is " + kinds(state));
    for (std::size_t i = 2; i < fewest; ++i)
      if (!std::holds_alternative<PickleValue::None>(state[i]->value))
        at_.fail("arrays of records are not read", "Save one plain array for each field.");
    if (constexpr std::string_view orders = "<>|="; orders.find((*order)[0]) == orders.npos)
      at_.fail("a dtype of the byte order '" + PickleCursor::shown(*order) + "'");
    if (type.text[0] != '|') type.text[0] = (*order)[0] == '>' ? '>' : '<';
  }

  void build_array(PickleArray& array, const Args& state) const {
    // (version, shape, dtype, is Fortran order, bytes)
    if (state.size() != 5) at_.fail("the state of an array is " + kinds(state));
    array = made(*state[4], *state[2], *state[1]);
    if (state[3]->integer().value_or(0) != 0) first_axis_fastest(array);
  }

  Value frombuffer(const Args& args) const {
    const auto order = args.size() == 4 || args.size() == 5 ? args[3]->text() : std::nullopt;
    const bool by_axes = order == "K" && args.size() == 5;
    if (order != "C" && order != "F" && !by_axes) at_.fail("numpy's _frombuffer is given " + kinds(args));
    PickleArray array = made(*args[0], *args[1], *args[2]);
    if (order == "F") first_axis_fastest(array);
    return by_axes ? transposed(array, *args[4]) : array;
  }

  static void first_axis_fastest(PickleArray& array) {
    Index step = 1;
    for (std::size_t axis = 0; axis < array.shape.size(); step *= array.shape[axis++]) array.stride[axis] = step;
  }

  /// The array whose axis k is axis order[k] of the given one.
  PickleArray transposed(const PickleArray& array, const PickleValue& order) const {
    PickleArray out{array.dtype, {}, {}, array.bytes};
    std::array<bool, most_axes> taken{};
    const auto* axes = order.list();
    if (axes == nullptr || axes->items.size() != array.shape.size()) at_.fail("an array whose axes are in no order");
    for (const PickleValue* item : axes->items) {
      const Index axis = item->integer().value_or(-1);
      if (axis < 0 || axis >= static_cast<Index>(array.shape.size()) || std::exchange(taken[to_size(axis)], true))
        at_.fail("an array whose axes are in no order");
      out.shape.push_back(array.shape[to_size(axis)]);
      out.stride.push_back(array.stride[to_size(axis)]);
    }
    return out;
  }

  Value scalar(const Args& args) const {
    if (args.size() != 2) at_.fail("numpy's scalar is given " + kinds(args));
    PickleValue::List no_axes;
    PickleArray one = made(*args[1], *args[0], PickleValue{std::move(no_axes)});
    if (one.kind() == 'b') return one.bytes[0] != 0;
    if (const auto i = one.integer(0)) return static_cast<std::int64_t>(*i);
    if (one.kind() == 'f' && one.item_bytes() >= 4) return real(one);
    return one;
  }
  static double real(const PickleArray& one) {
    std::uint64_t bits = 0;
    const Index size = one.item_bytes();
    for (Index b = 0; b < size; ++b)
      bits = bits << 8U | static_cast<unsigned char>(one.bytes[to_size(one.big_endian() ? b : size - 1 - b)]);
    if (size == 4) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    return std::bit_cast<double>(bits);
  }

  /// The array of these bytes, in C's order; they must be exactly as many as dtype and shape need.
  PickleArray made(const PickleValue& data, const PickleValue& type, const PickleValue& axes) const {
    const auto* dtype = std::get_if<PickleValue::Dtype>(&type.value);
    const auto* shape = axes.list();
    const auto* raw = std::get_if<PickleValue::Bytes>(&data.value);
    if (data.list() != nullptr)
      at_.fail("arrays of Python objects are not read", "Save the array as numbers, with one dtype.");
    if (dtype == nullptr || shape == nullptr || raw == nullptr || shape->items.size() > most_axes)
      at_.fail("an array is made of " + kinds({&data, &type, &axes}));
    PickleArray array{dtype->text, {}, {}, raw->bytes};
    Index need = array.item_bytes(), bound = std::max<Index>(need, 1);  // the bound also counts empty axes as one
    for (const PickleValue* axis : shape->items) {
      const auto n = axis->integer();
      if (!n || *n < 0) at_.fail("an array whose shape is no list of sizes");
      const Index places = std::max<Index>(*n, 1);
      if (bound > std::numeric_limits<Index>::max() / places) at_.fail("an array too large to count its bytes");
      bound *= places, need *= *n;
      array.shape.push_back(*n);
    }
    if (need != static_cast<Index>(raw->bytes.size()))
      at_.fail("an array that needs " + std::to_string(need) + " bytes, and has " + std::to_string(raw->bytes.size()));
    array.stride.resize(array.shape.size());
    Index step = 1;
    for (std::size_t axis = array.shape.size(); axis-- > 0; step *= array.shape[axis]) array.stride[axis] = step;
    return array;
  }

  Value ordered_dict(const Args& args) const {
    PickleValue::Dict dict;
    if (args.empty()) return dict;
    const auto* pairs = args[0]->list();
    if (args.size() > 1 || pairs == nullptr) at_.fail("OrderedDict is given " + kinds(args));
    for (const PickleValue* item : pairs->items) {
      const auto* pair = item->list();
      if (pair == nullptr || pair->items.size() != 2) at_.fail("OrderedDict is given what are no pairs");
      dict.items.emplace_back(pair->items[0], pair->items[1]);
    }
    return dict;
  }

  /// _codecs.encode(text, "latin1"): how protocols 0 to 2 write the bytes of Python 3.
  template <class Own>
  Value encode(const Args& args, Own&& own) const {
    const auto* text = args.size() == 2 ? std::get_if<PickleValue::Text>(&args[0]->value) : nullptr;
    const auto code = args.size() == 2 ? args[1]->text() : std::nullopt;
    if (text == nullptr || !code) at_.fail("_codecs.encode is given " + kinds(args));
    if (*code != "latin1" && *code != "latin-1")
      at_.fail("bytes in the encoding '" + PickleCursor::shown(*code) + "' are not read", PickleCursor::unsafe);
    auto bytes = to_latin1(text->utf8);
    if (!bytes) at_.fail("bytes that are no Latin-1 text");
    return PickleValue::Bytes{own(std::move(*bytes))};
  }

  const PickleCursor& at_;
};

}  // namespace sseg::detail
