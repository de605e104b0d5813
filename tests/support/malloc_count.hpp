#pragma once

/// Calls of malloc, calloc, realloc, aligned_alloc and posix_memalign in this process so far (operator new and Eigen
/// end there), or -1 where they cannot be counted (another C library than glibc, or a sanitizer that owns malloc).
long malloc_count();

/// Bytes of the largest of these calls since the one before of this function, or −1.
long malloc_largest();
