# Runs includes.cmake on a tree full of planted faults and on one without.
cmake_minimum_required(VERSION 3.25)

set(planted
    "core/looks_down.hpp: includes layer/relu.hpp, but 'core' stands above 'layer'"
    "core/no_door.hpp: includes <Eigen/Core>, which has its own door header"
    "core/whole_hana.hpp: includes <boost/hana.hpp>"
    "core/stranger.hpp: includes <fmt/core.h>, an outside library without a door header"
    "core/relative.hpp: includes \"error.hpp\""
    "core/gone.hpp: includes \"sseg/core/nowhere.hpp\", which does not exist"
    "core/no_once.hpp: the first line must be #pragma once"
    "core/notes.txt: only .hpp and .inc files live here"
    "layer/uses_all.hpp: includes sseg.hpp"
    "layer/uses_umbrella.hpp: includes the umbrella core.hpp"
    "layer/relu.hpp: includes <png.h>, which has its own door header"
    "train/long.hpp: 401 lines"
    "unplaced/x.hpp: the folder 'unplaced' has no place"
    "core.hpp: does not reach core/forgotten.hpp"
    "sseg.hpp: reaches io/png.hpp")

# One line too many is easier to write here than to keep in a file.
set(copy "${CMAKE_CURRENT_BINARY_DIR}/lint_bad_tree")
file(REMOVE_RECURSE "${copy}")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/bad_tree/" DESTINATION "${copy}")
string(REPEAT "//\n" 400 filler)
file(WRITE "${copy}/train/long.hpp" "#pragma once\n${filler}")

execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${copy}" -P "${CMAKE_CURRENT_LIST_DIR}/includes.cmake"
                RESULT_VARIABLE code ERROR_VARIABLE text OUTPUT_QUIET)
if(code EQUAL 0)
  message(FATAL_ERROR "the checker passes a tree full of faults")
endif()
set(missed "")
foreach(words IN LISTS planted)
  string(FIND "${text}" "${words}" at)
  if(at EQUAL -1)
    string(APPEND missed "\n  ${words}")
  endif()
endforeach()
if(missed)
  message(FATAL_ERROR "the checker does not find:${missed}\nit says:\n${text}")
endif()

execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${CMAKE_CURRENT_LIST_DIR}/good_tree" -P
                        "${CMAKE_CURRENT_LIST_DIR}/includes.cmake" RESULT_VARIABLE code ERROR_VARIABLE text OUTPUT_QUIET)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "the checker refuses a tree that keeps the rules:\n${text}")
endif()
