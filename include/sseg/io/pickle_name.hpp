#pragma once

namespace sseg {

/// One of the few functions and types that a pickle may name; none of them is ever run.
enum class PickleName { reconstruct, frombuffer, scalar, ndarray, dtype, encode, ordered_dict, bytes, bytearray };

}  // namespace sseg
