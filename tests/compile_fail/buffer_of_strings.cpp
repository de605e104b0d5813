// expect: sseg::Buffer: holds plain values only
#include <string>

#include "sseg/core/buffer.hpp"

#ifdef SSEG_CONTROL
using Element = char;
#else
using Element = std::string;
#endif

int main() { return static_cast<int>(sseg::Buffer<Element>().size()); }
