#pragma once
#include <dlfcn.h>

#include "sseg/core/error.hpp"

namespace sseg::onednn {

/// The OpenMP runtime that oneDNN works on, looked up in the process. Not linked by name: -fopenmp would also switch on
/// Eigen's threads in the user's code, and compilers differ in the runtime that they would bring along.
struct OmpRuntime {
  int (*max_threads)();
  void (*set_threads)(int);

  /// In the libraries of this process, or of one that dlopen gave. Throws: Error when there is none, so that oneDNN's
  /// threads could not be limited.
  static OmpRuntime find(void* where = RTLD_DEFAULT) {
    const OmpRuntime found{reinterpret_cast<int (*)()>(dlsym(where, "omp_get_max_threads")),
                           reinterpret_cast<void (*)(int)>(dlsym(where, "omp_set_num_threads"))};
    require(found.max_threads != nullptr && found.set_threads != nullptr,
            "this oneDNN does not run on OpenMP, so its threads cannot be limited", "OneDnn",
            "link a oneDNN that is built with DNNL_CPU_RUNTIME=OMP, as Debian's libdnnl-dev is");
    return found;
  }
};

/// The calling thread's OpenMP regions are its own alone until the end of the scope: no other thread is woken for them.
class OneOmpThread {
 public:
  explicit OneOmpThread(const OmpRuntime& runtime) : runtime_(runtime), before_(runtime.max_threads()) {
    runtime_.set_threads(1);
  }
  OneOmpThread(const OneOmpThread&) = delete;
  OneOmpThread& operator=(const OneOmpThread&) = delete;
  ~OneOmpThread() { runtime_.set_threads(before_); }

 private:
  const OmpRuntime& runtime_;
  int before_;
};

}  // namespace sseg::onednn
