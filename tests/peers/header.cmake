# cmake -DWRITER=… -DCOMPILER=… -DINCLUDES=… -DHERE=… -DWORK=… -P header.cmake
cmake_minimum_required(VERSION 3.25)

function(step)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " shown)
    message(FATAL_ERROR "failed: ${shown}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
step("${WRITER}" "${WORK}")
string(REPLACE "|" ";" INCLUDES "${INCLUDES}")
set(flags -std=c++20 -Wall -Wextra -Werror)
foreach(directory IN LISTS INCLUDES)
  list(APPEND flags "-I${directory}")
endforeach()
# Two files that include it: nothing in it may be defined twice. No optimisation: the arrays must be cheap to compile.
file(WRITE "${WORK}/other.cpp" "#include \"grown_net.hpp\"\nint features() { return grown_net::feature_count; }\n")
step("${COMPILER}" ${flags} "-I${WORK}" "${HERE}/use_header.cpp" "${WORK}/other.cpp" -o "${WORK}/use_header")
step("${WORK}/use_header" "${WORK}/grown_net.images" "${WORK}/grown_net.features")
