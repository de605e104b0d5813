# sseg_dev: what our own tests, examples and benchmarks are compiled with. Never part of sseg::sseg: users keep their
# own flags.

option(SSEG_WERROR "Warnings are errors in our own programs" OFF)
option(SSEG_NATIVE "Compile our own programs for this machine's processor (-march=native)" OFF)
set(SSEG_SANITIZE "" CACHE STRING "Sanitizers for our own programs, as in -fsanitize=, e.g. address,undefined")

include(CheckCXXCompilerFlag)

add_library(sseg_dev INTERFACE)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(sseg_dev INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(SSEG_WERROR)
    target_compile_options(sseg_dev INTERFACE -Werror)
  endif()
endif()
if(SSEG_NATIVE)
  check_cxx_compiler_flag(-march=native SSEG_HAS_MARCH_NATIVE)
  if(SSEG_HAS_MARCH_NATIVE)
    target_compile_options(sseg_dev INTERFACE -march=native)
  else()
    message(WARNING "SSEG_NATIVE is ON, but this compiler does not know -march=native: building portable code")
  endif()
endif()
if(SSEG_SANITIZE)
  target_compile_options(sseg_dev INTERFACE -fsanitize=${SSEG_SANITIZE} -fno-sanitize-recover=all
                                            -fno-omit-frame-pointer)
  target_link_options(sseg_dev INTERFACE -fsanitize=${SSEG_SANITIZE})
endif()
