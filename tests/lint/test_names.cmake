# cmake -DROOT=<…/tests> -P test_names.cmake
# CMake takes brackets and semicolons in a test's name for parts of a list: the tests after it would be lost without a
# word. And every test file keeps what it names in a namespace of its own name, or several could not be compiled together
# (SSEG_UNITY_TESTS).
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE sources "${ROOT}/unit/*_test.cpp" "${ROOT}/laws/*_test.cpp" "${ROOT}/cuda/*_test.cpp"
     "${ROOT}/mpi/*_test.cpp")
set(faults "")
set(count 0)
foreach(source IN LISTS sources)
  file(READ "${source}" text)
  cmake_path(GET source STEM stem)
  if(NOT text MATCHES "(^|\n)namespace ${stem} {\n")
    string(APPEND faults "\n  ${source}: no namespace ${stem}")
  endif()
  # Out of CMake's own reach before the text is handled as a list.
  string(REPLACE "[" "<bracket>" text "${text}")
  string(REPLACE "]" "<bracket>" text "${text}")
  string(REPLACE ";" "<semicolon>" text "${text}")
  string(REGEX MATCHALL "TEST_CASE[A-Z_]*\\([ \n]*\"[^\"]*\"" names "${text}")
  foreach(name IN LISTS names)
    math(EXPR count "${count} + 1")
    if(name MATCHES "<bracket>|<semicolon>")
      string(APPEND faults "\n  ${source}: ${name}")
    endif()
  endforeach()
endforeach()
if(faults)
  message(FATAL_ERROR "test names must not hold brackets or semicolons, and a test file needs a namespace of its name:${faults}")
endif()
message(STATUS "${count} test names are fit for CMake")
