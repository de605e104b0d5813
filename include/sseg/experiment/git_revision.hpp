#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/io/filled_lines.hpp"
#include "sseg/io/read_file.hpp"

namespace sseg {

namespace detail {

/// The first line of a small file; "" when it cannot be read.
inline std::string first_line(const std::filesystem::path& file) {
  try {
    const auto lines = filled_lines(read_file(file, 4096));
    return lines.empty() ? "" : lines.front();
  } catch (const Error&) {
    return "";
  }
}

/// SHA-1 or SHA-256 in hexadecimal digits.
inline bool is_git_hash(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// What follows `key` at the front of a text; "" when it does not stand there.
inline std::string after(const std::string& text, std::string_view key) {
  return text.starts_with(key) ? text.substr(key.size()) : "";
}

/// The git folder of the checkout that `folder` lies in: `.git`, or where a work tree's file of that name points to.
inline std::filesystem::path git_folder(const std::filesystem::path& folder) {
  std::error_code none;
  for (auto at = std::filesystem::absolute(folder, none); !at.empty(); at = at.parent_path()) {
    auto git = at / ".git";
    if (std::filesystem::is_directory(git, none)) return git;
    if (std::filesystem::is_regular_file(git, none)) return at / after(first_line(git), "gitdir: ");
    if (at == at.parent_path()) break;
  }
  return {};
}

/// The hash that packed-refs has for a branch.
inline std::string packed_git_hash(const std::filesystem::path& file, const std::string& branch) {
  try {
    for (const std::string& line : filled_lines(read_file(file, 1 << 24)))
      if (line.ends_with(" " + branch)) return line.substr(0, line.find(' '));
  } catch (const Error&) {  // there is none
  }
  return "";
}

}  // namespace detail

/// The commit that is checked out in the git work tree that `folder` lies in, in hexadecimal; "" outside of one, before
/// the first commit, and where git keeps its branches in another way. Reads git's files, starts no program; changes
/// that are not committed are not seen.
inline std::string git_revision(const std::filesystem::path& folder) {
  const auto git = detail::git_folder(folder);
  if (git.empty()) return "";
  std::string hash = detail::first_line(git / "HEAD");
  if (const std::string branch = detail::after(hash, "ref: "); !branch.empty()) {
    if (!branch.starts_with("refs/") || branch.find("..") != branch.npos) return "";  // git allows no such name
    const std::string common = detail::first_line(git / "commondir");  // of a work tree: relative to its own
    const auto shared = common.empty() ? git : git / common;
    hash = detail::first_line(shared / branch);
    if (hash.empty()) hash = detail::packed_git_hash(shared / "packed-refs", branch);
  }
  return detail::is_git_hash(hash) ? hash : "";
}

}  // namespace sseg
