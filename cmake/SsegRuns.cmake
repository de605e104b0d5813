# sseg_compiled_runs: what is dear to compile of the main job, once for all our own programs and tests that run it, instead of
# once for each (include/sseg/experiment/compiled_runs.hpp; the loaders of data sets, which need more libraries:
# compiled_loaders.hpp). A user's program needs neither these nor a library.

set(runs_headers include/sseg/experiment/compiled_runs.hpp)
set(loaders_headers include/sseg/experiment/compiled_loaders.hpp)
sseg_drop_unbuildable(runs_headers "compiled runs")
sseg_drop_unbuildable(loaders_headers "compiled loaders")
if(runs_headers)
  set(runs_text "#include <sseg/experiment/compiled_runs.hpp>\nnamespace sseg { SSEG_COMPILED_RUNS() }\n")
  if(loaders_headers)
    string(APPEND runs_text
           "#include <sseg/experiment/compiled_loaders.hpp>\nnamespace sseg { SSEG_COMPILED_LOADERS() }\n")
  endif()
  set(SSEG_RUNS_HEADERS ${runs_headers} ${loaders_headers})
  list(TRANSFORM SSEG_RUNS_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/")
  set(runs_source "${PROJECT_BINARY_DIR}/compiled_runs.cpp")
  file(CONFIGURE OUTPUT "${runs_source}" CONTENT "${runs_text}")
  add_library(sseg_compiled_runs STATIC EXCLUDE_FROM_ALL "${runs_source}")
  target_link_libraries(sseg_compiled_runs PUBLIC sseg::sseg ${SSEG_PART_TARGETS} PRIVATE sseg_dev)
  target_precompile_headers(sseg_compiled_runs PRIVATE ${SSEG_RUNS_HEADERS})
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
    target_precompile_headers(${name} PRIVATE ${SSEG_RUNS_HEADERS})
  endif()
endfunction()
