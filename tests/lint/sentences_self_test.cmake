# Runs sentences.cmake on a sentence with its case, and on each fault it must find.
cmake_minimum_required(VERSION 3.25)

set(tree "${CMAKE_CURRENT_BINARY_DIR}/lint_sentences")

# The checker on one header and one case must pass (empty `fault`) or say `fault`.
function(expect header first_line fault)
  file(REMOVE_RECURSE "${tree}")
  file(WRITE "${tree}/include/a.hpp" "${header}")
  file(WRITE "${tree}/cases/a.cpp" "${first_line}\n#include \"a.hpp\"\n")
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${tree}/include" "-DCASES=${tree}/cases" -P
                          "${CMAKE_CURRENT_LIST_DIR}/sentences.cmake"
                  RESULT_VARIABLE code ERROR_VARIABLE text OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  string(FIND "${text}" "${fault}" at)
  if(fault STREQUAL "" AND NOT code EQUAL 0)
    message(FATAL_ERROR "the checker refuses what keeps the rule:\n${text}")
  elseif(NOT fault STREQUAL "" AND (code EQUAL 0 OR at EQUAL -1))
    message(FATAL_ERROR "the checker does not say\n  ${fault}\nbut\n${text}")
  endif()
endfunction()

set(two_lines "static_assert(x[0],\n              \"sseg: a thing; it \"\n              \"needs [both].\");\n")
expect("${two_lines}" "// expect: a thing; it needs [both]" "")
expect("static_assert(One<x>);\n${two_lines}" "// expect: it needs" "")
expect("${two_lines}static_assert(y, \"sseg::Other: none.\");" "// expect: it needs"
       "no case expects: sseg::Other: none.")
expect("${two_lines}" "// expect: it lacks" "its expected words occur in 0 sentences")
expect("${two_lines}static_assert(y, \"sseg: it needs.\");" "// expect: it needs"
       "its expected words occur in 2 sentences")
expect("static_assert(y, \"It needs.\");" "// expect: It needs" "a sentence begins with sseg:")
expect("static_assert(y);" "// expect: It needs" "in 0 sentences")
expect("${two_lines}" "// it needs" "the first line must be")
