#pragma once

/// Calls of malloc, calloc, realloc, aligned_alloc and posix_memalign in this process so far (operator new and Eigen
/// end there), or -1 where they cannot be counted (another C library than glibc, or a sanitizer that owns malloc).
long malloc_count();

/// Bytes of the largest of these calls since the one before of this function, or −1.
long malloc_largest();

/// Runs f until it has allocated nothing ten times in a row, or 200 times: on a busy machine a thread may come to its
/// first work, and to buffers of its own, some steps late.
template <class F>
void run_until_quiet(F&& f) {
  for (int quiet = 0, k = 0; quiet < 10 && k < 200; ++k) {
    const long so_far = malloc_count();
    f();
    quiet = malloc_count() == so_far ? quiet + 1 : 0;
  }
}
