#include "support/malloc_count.hpp"

#include <cerrno>
#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SSEG_FOREIGN_MALLOC
#endif
#endif
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SSEG_FOREIGN_MALLOC
#endif

#if defined(SSEG_FOREIGN_MALLOC)
long malloc_count() { return -1; }
long malloc_largest() { return -1; }
#else

#include <atomic>
#include <climits>

namespace {
std::atomic<long> calls{0}, largest{0};

void count(std::size_t size) {
  ++calls;
  const long bytes = size > LONG_MAX ? LONG_MAX : static_cast<long>(size);
  for (long seen = largest.load(); bytes > seen && !largest.compare_exchange_weak(seen, bytes);) {
  }
}
}  // namespace
long malloc_count() { return calls.load(); }
long malloc_largest() { return largest.exchange(0); }

// glibc's own names for its allocator.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) noexcept { return count(size), __libc_malloc(size); }
void* calloc(std::size_t items, std::size_t size) noexcept { return count(items * size), __libc_calloc(items, size); }
void* realloc(void* p, std::size_t size) noexcept { return count(size), __libc_realloc(p, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return count(size), __libc_memalign(alignment, size);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t size) noexcept {
  count(size);
  *p = __libc_memalign(alignment, size);
  return *p ? 0 : ENOMEM;
}
}
#endif
