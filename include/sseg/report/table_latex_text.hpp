#pragma once
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/io/utf8.hpp"

namespace sseg {

namespace detail {

using LatexCommand = std::pair<char32_t, std::string_view>;

/// What LaTeX reads as a command or, in its old font encoding, as another character; "*" and "[" are taken for
/// arguments of the line end before them.
inline constexpr std::array<LatexCommand, 18> latex_ascii{{{'"', "''"},
                                                           {'#', "\\#"},
                                                           {'$', "\\$"},
                                                           {'%', "\\%"},
                                                           {'&', "\\&"},
                                                           {'*', "{*}"},

                                                           {'<', "\\textless{}"},
                                                           {'>', "\\textgreater{}"},
                                                           {'[', "{[}"},
                                                           {'\\', "\\textbackslash{}"},
                                                           {']', "{]}"},
                                                           {'^', "\\textasciicircum{}"},
                                                           {'_', "\\_"},
                                                           {'`', "\\textasciigrave{}"},
                                                           {'{', "\\{"},
                                                           {'|', "\\textbar{}"},
                                                           {'}', "\\}"},
                                                           {'~', "\\textasciitilde{}"}}};

/// Signs of mathematics.
inline constexpr std::array<LatexCommand, 48> latex_signs{
    {{0x00B0, "^{\\circ}"},    {0x00B1, "\\pm"},    {0x00B2, "^{2}"},    {0x00B3, "^{3}"},
     {0x00B5, "\\mu"},         {0x00B7, "\\cdot"},  {0x00B9, "^{1}"},    {0x00D7, "\\times"},
     {0x00F7, "\\div"},        {0x0394, "\\Delta"}, {0x03A3, "\\Sigma"}, {0x03A9, "\\Omega"},
     {0x03B1, "\\alpha"},      {0x03B2, "\\beta"},  {0x03B3, "\\gamma"}, {0x03B4, "\\delta"},
     {0x03B5, "\\epsilon"},    {0x03B7, "\\eta"},   {0x03B8, "\\theta"}, {0x03BA, "\\kappa"},
     {0x03BB, "\\lambda"},     {0x03BC, "\\mu"},    {0x03BD, "\\nu"},    {0x03C0, "\\pi"},
     {0x03C1, "\\rho"},        {0x03C3, "\\sigma"}, {0x03C4, "\\tau"},   {0x03C6, "\\phi"},
     {0x03C7, "\\chi"},        {0x03C9, "\\omega"}, {0x2032, "'"},       {0x2070, "^{0}"},
     {0x2074, "^{4}"},         {0x2075, "^{5}"},    {0x2076, "^{6}"},    {0x2077, "^{7}"},
     {0x2078, "^{8}"},         {0x2079, "^{9}"},    {0x207B, "^{-}"},    {0x2190, "\\leftarrow"},
     {0x2192, "\\rightarrow"}, {0x2212, "-"},       {0x221A, "\\surd"},  {0x221E, "\\infty"},
     {0x2248, "\\approx"},     {0x2260, "\\neq"},   {0x2264, "\\leq"},   {0x2265, "\\geq"}}};

/// Characters that LaTeX of 2020 and newer sets as they are, in any font encoding: those of Latin-1 and Latin
/// Extended-A but for these, and the marks of print.
inline bool latex_has(char32_t c) {
  constexpr std::u32string_view missing =
      U"\u00AB\u00BB\u00D0\u00DE\u00F0\u00FE\u0104\u0105\u0110\u0111\u0118\u0119\u0126\u0127\u012E\u012F\u0138\u013F"
      U"\u0140\u0149\u014A\u014B\u0166\u0167\u0172\u0173\u017F";
  constexpr std::u32string_view print = U"\u2013\u2014\u2018\u2019\u201C\u201D\u2026\u20AC";
  return c < 0x80 || (c > 0xA0 && c < 0x180 && missing.find(c) == missing.npos) || print.find(c) != print.npos;
}

}  // namespace detail

/// Defines what `latex_text` writes for characters that no font of pdfLaTeX has, say Chinese: their number in brackets
/// there, the character itself in XeLaTeX and LuaLaTeX. Needed once before such a text; harmless where it is repeated.
inline constexpr std::string_view latex_char_macro =
    "\\ifdefined\\ssegchar\\else\n"
    "  \\ifdefined\\Umathchar \\protected\\def\\ssegchar#1#2{#2}\\else \\protected\\def\\ssegchar#1#2{[U+#1]}\\fi\n"
    "\\fi\n";

/// Text as LaTeX that sets it as it is, on one line: nothing in it is a command. Line ends and other control characters
/// become a space.
inline std::string latex_text(std::string_view text) {
  std::string out;
  each_utf8(text, [&](char32_t code, std::string_view bytes) {
    const auto find = [&](const auto& list) {
      const auto at = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.first == code; });
      return at == list.end() ? std::string_view{} : at->second;
    };
    if (std::string_view("-,'").find(bytes) != std::string_view::npos && out.ends_with(bytes)) out += "{}";  // ligature
    if (const std::string_view command = find(detail::latex_ascii); !command.empty())
      out += command;
    else if (code == 0xA0)
      out += '~';
    else if (const std::string_view sign = find(detail::latex_signs); !sign.empty())
      out.append("\\ensuremath{").append(sign).append("}");
    else if (code < 0x20 || code == 0x7F)
      out += ' ';
    else if (detail::latex_has(code))
      out += bytes;
    else {
      std::array<char, 16> number{};
      std::snprintf(number.data(), number.size(), "%04X", static_cast<unsigned>(code));
      out.append("\\ssegchar{").append(number.data()).append("}{").append(bytes).append("}");
    }
  });
  return out;
}

}  // namespace sseg
