#pragma once
// The only door to oneDNN, versions 2 and 3.
#include <oneapi/dnnl/dnnl_debug.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <string>

#include "sseg/core/error.hpp"

namespace sseg::onednn {

/// f(), with a failure of oneDNN turned into an `Error` at where().
template <class F, class Where>
decltype(auto) attempt(F&& f, Where&& where) {
  try {
    return f();
  } catch (const dnnl::error& e) {
    throw Error(std::string("oneDNN: ") + e.what() + " (" + dnnl_status2str(e.status) + ")", where(),
                e.status == dnnl_out_of_memory ? "put fewer images into a batch"
                                               : "use the backend sseg::Cpu for it, which takes every shape");
  }
}

}  // namespace sseg::onednn
