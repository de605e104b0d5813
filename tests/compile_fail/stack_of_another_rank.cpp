// expect: sseg::Stack: a block must write the rank it reads, since blocks follow each other
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/max_pool.hpp"
#include "sseg/net/stack.hpp"

#ifdef SSEG_CONTROL
using Block = sseg::MaxPool;
#else
using Block = sseg::GlobalPool;  // (N, H, W, C) to (N, C)
#endif

int main() { return static_cast<int>(sseg::Stack<Block>{}.size()); }
