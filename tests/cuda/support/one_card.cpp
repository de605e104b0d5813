// Linked into a program beside the double: the program finds one card, with all kernels of the library.
#include "cuda/support/with_double.hpp"

namespace {

const bool there_is_a_card = [] {
  cuda_test::start_double();
  return true;
}();

}  // namespace
