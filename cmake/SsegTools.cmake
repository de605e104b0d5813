# Targets for people who work on sseg itself: format, format-check, tidy.

find_program(SSEG_CLANG_FORMAT NAMES clang-format clang-format-14)
find_program(SSEG_CLANG_TIDY NAMES clang-tidy clang-tidy-14)
mark_as_advanced(SSEG_CLANG_FORMAT SSEG_CLANG_TIDY)

if(SSEG_CLANG_FORMAT)
  foreach(mode IN ITEMS format format-check)
    add_custom_target(
      ${mode}
      COMMAND "${CMAKE_COMMAND}" "-DCLANG_FORMAT=${SSEG_CLANG_FORMAT}" "-DROOT=${PROJECT_SOURCE_DIR}" "-DMODE=${mode}" -P
              "${PROJECT_SOURCE_DIR}/cmake/format.cmake"
      VERBATIM)
  endforeach()
endif()

# One translation unit that includes every header shows clang-tidy the whole library.
if(SSEG_CLANG_TIDY AND TARGET odr_two_units)
  add_custom_target(
    tidy
    COMMAND "${SSEG_CLANG_TIDY}" --quiet "--header-filter=include/sseg/.*" "-p=${PROJECT_BINARY_DIR}"
            "--extra-arg=-Wno-unknown-warning-option" --warnings-as-errors=* "${PROJECT_SOURCE_DIR}/tests/odr/first.cpp"
    VERBATIM USES_TERMINAL)
endif()
