# cmake -DWRITER=… -DCOMPILER=… -DINCLUDES=… -DHERE=… -DWORK=… -P header.cmake
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${WRITER}" "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "|" ";" INCLUDES "${INCLUDES}")
set(flags -std=c++20 -O2 -Wall -Wextra -Werror -pthread)  # -O2, as the library's own tests: the same bits
foreach(directory IN LISTS INCLUDES)
  list(APPEND flags "-I${directory}")
endforeach()
# Two files that include it: nothing in it may be defined twice.
file(WRITE "${WORK}/other.cpp" "#include \"grown_net.hpp\"\nint features() { return grown_net::feature_count; }\n")
execute_process(
  COMMAND "${COMPILER}" ${flags} "-I${WORK}" "${HERE}/use_header.cpp" "${WORK}/other.cpp" -o "${WORK}/use_header"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/use_header" "${WORK}/grown_net.images" "${WORK}/grown_net.features"
                COMMAND_ERROR_IS_FATAL ANY)
