#pragma once
#include <sseg/experiment/ablation.hpp>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "command_line.hpp"

/// This program again, with these of its flags and all its other words, for one cell of an ablation.
inline sseg::ProcessCommand cell_command(const CommandLine& args, const std::vector<std::string>& flags,
                                         const sseg::AblationCell& cell) {
  sseg::ProcessCommand c{{"/proc/self/exe"}, cell.folder / "log.txt"};
  std::error_code none;
  if (const auto self = std::filesystem::read_symlink(c.words[0], none); !none) c.words[0] = self.string();
  for (const std::string& flag : flags)
    if (!args[flag].empty()) c.words.insert(c.words.end(), {flag, args[flag]});
  c.words.insert(c.words.end(), {"--cell", cell.name()});
  c.words.insert(c.words.end(), args.overrides.begin(), args.overrides.end());
  return c;
}
