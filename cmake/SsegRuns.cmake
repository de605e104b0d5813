# sseg_compiled_runs: what is dear to compile of the main job, once for all our own programs and tests that run it, instead of
# once for each (include/sseg/experiment/compiled_runs.hpp). A user's program needs neither this nor a library.

set(runs_header include/sseg/experiment/compiled_runs.hpp)
set(SSEG_RUNS_HEADER ${runs_header})
sseg_drop_unbuildable(SSEG_RUNS_HEADER "compiled runs")
if(SSEG_RUNS_HEADER)
  set(runs_source "${PROJECT_BINARY_DIR}/compiled_runs.cpp")
  file(CONFIGURE OUTPUT "${runs_source}"
       CONTENT "#include <sseg/experiment/compiled_runs.hpp>\nnamespace sseg { SSEG_COMPILED_RUNS() }\n")
  add_library(sseg_compiled_runs STATIC EXCLUDE_FROM_ALL "${runs_source}")
  target_link_libraries(sseg_compiled_runs PUBLIC sseg::sseg ${SSEG_PART_TARGETS} PRIVATE sseg_dev)
  target_precompile_headers(sseg_compiled_runs PRIVATE "${PROJECT_SOURCE_DIR}/${runs_header}")
endif()

# Gives a program or test the compiled runs. `ARGN`: REUSE_FROM of CMake's target_precompile_headers, for a program with the
# library's own flags.
function(sseg_use_compiled_runs name)
  if(NOT TARGET sseg_compiled_runs)
    return()
  endif()
  target_link_libraries(${name} PRIVATE sseg_compiled_runs)
  if(ARGN)
    target_precompile_headers(${name} ${ARGN})
  else()
    target_precompile_headers(${name} PRIVATE "${PROJECT_SOURCE_DIR}/include/sseg/experiment/compiled_runs.hpp")
  endif()
endfunction()
