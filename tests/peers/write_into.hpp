#pragma once
#include <cstdio>
#include <exception>
#include <filesystem>

/// The main of a writer: `program FOLDER` calls `write(FOLDER)` and says what went wrong.
inline int write_into(int argc, char** argv, void (*write)(const std::filesystem::path&)) {
  if (argc != 2) return 2;
  try {
    write(argv[1]);
  } catch (const std::exception& e) {
    return std::fprintf(stderr, "%s\n", e.what()), 1;
  }
  return 0;
}
