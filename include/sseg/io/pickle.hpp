#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_limits.hpp"
#include "sseg/io/pickle_machine.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg {

/// A Python pickle, read: protocols 0 to 5, plain values (None, truth values, whole numbers of 64 bits, floats, texts,
/// bytes, lists, tuples, dicts) and numpy's arrays, scalars and dtypes. Nothing else: a pickle that names any other
/// function or class is refused with that name, and no code is ever run.
/// Texts, bytes and arrays are views into the bytes that were given (800 MB of pixels are not copied).
/// Requires: those bytes outlive the Pickle.
class Pickle {
 public:
  /// Reads the first pickle of `bytes`; `where` names the source in messages.
  /// Throws `Error` with the place and the opcode: damaged, cut short, over the limits, a value within itself, or
  /// anything but the values above.
  explicit Pickle(std::string_view bytes, const std::string& where, const PickleLimits& limits = {})
      : root_(detail::PickleMachine(bytes, where, limits, values_, texts_).run()) {}
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  const PickleValue& root() const { return *root_; }

 private:
  std::deque<PickleValue> values_;  ///< an address stays where it is while the deque grows
  std::deque<std::string> texts_;   ///< what had to be translated
  const PickleValue* root_;
};

}  // namespace sseg
