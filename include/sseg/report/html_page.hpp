#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "sseg/report/html_table.hpp"
#include "sseg/report/svg_style.hpp"

namespace sseg {

namespace detail {

inline constexpr std::string_view html_style =
    R"(:root{color-scheme:light dark;--ground:#fff;--ink:#1c1c1c;--soft:#5c5c5c;--rule:#d8d8d8;--panel:#f5f6f7}
@media screen and (prefers-color-scheme:dark){:root{--ground:#15181c;--ink:#e6e6e6;--soft:#a9adb2;--rule:#373c42;--panel:#1e2227}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem clamp(.75rem,3vw,2rem) 3rem;max-width:1120px;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
p{margin:.5rem 0;max-width:75ch}
.lead{font-size:1.05rem}.missing,.notes,figcaption{color:var(--soft);font-size:.88rem}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.92rem;margin:1rem 0}
a{color:inherit}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:1.2rem;align-items:start}
.plots figure,figure{margin:0}
svg.plot{display:block;width:100%;height:auto;max-width:560px}
.scroll{overflow-x:auto;margin:.2rem 0 .6rem}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
.caption{font-weight:600;font-size:.92rem;margin:1.1rem 0 .2rem}
th,td{padding:.28rem .7rem .28rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
td{white-space:nowrap}
th{vertical-align:bottom;font-weight:600}
.number{text-align:right}
details{background:var(--panel);border-radius:6px;padding:.5rem .8rem;margin:.6rem 0}
summary{cursor:pointer}
pre{overflow-x:auto;font-size:.82rem;line-height:1.4;margin:.5rem 0}
code{font-size:.88em;overflow-wrap:anywhere}
img{image-rendering:pixelated;max-width:100%;height:auto;background:#808080}
.pictures{display:flex;flex-wrap:wrap;gap:.7rem 1rem;align-items:flex-start}
.episode{margin:.7rem 0;padding-bottom:.4rem;border-bottom:1px solid var(--rule)}.arrow{align-self:center}
.tile{display:inline-flex;flex-direction:column;width:76px;font-size:.74rem;line-height:1.2;overflow-wrap:anywhere}
.tile img{width:60px}
@media (max-width:560px){.pictures{gap:.4rem .3rem}.tile{width:54px;font-size:.66rem}.tile img{width:48px}}
.right{color:#1a7f37}.wrong{color:#c0341d}
@media screen and (prefers-color-scheme:dark){@media (max-width:560px){.pictures{gap:.4rem .3rem}.tile{width:54px;font-size:.66rem}.tile img{width:48px}}
.right{color:#56d07c}.wrong{color:#ff8a73}}
@media print{body{max-width:none;padding:0;font-size:10pt}.plots{grid-template-columns:1fr 1fr}nav{display:none}h2{break-after:avoid}figure,tr,.tile{break-inside:avoid}.scroll{overflow:visible}details{background:none}td{white-space:normal}}
)";

}  // namespace detail

/// One page that needs nothing but itself: no script, no network, its style in its head. Reads on a phone, in the dark
/// and on paper.
class HtmlPage {
 public:
  explicit HtmlPage(std::string title) : title_(std::move(title)) {}

  /// Begins a part with a heading; the page's head links to it.
  void section(std::string_view heading) {
    const std::string id = "part-" + std::to_string(++sections_);
    links_ += "<a href=\"#" + id + "\">" + html_text(heading) + "</a>\n";
    body_ += "<h2 id=\"" + id + "\">" + html_text(heading) + "</h2>\n";
  }
  void paragraph(std::string_view text, std::string_view style = {}) {
    body_ += "<p" + (style.empty() ? std::string() : " class=\"" + std::string(style) + "\"") + ">" + html_text(text) +
             "</p>\n";
  }
  /// Markup as it is; what comes from outside is escaped by the caller (`html_text`).
  void markup(std::string_view html) { body_ += html; }
  void table(const Table& table) { body_ += html_table(table); }
  /// Text in lines, behind a word to click at.
  void folded(std::string_view summary, std::string_view text) {
    body_ += "<details><summary>" + html_text(summary) + "</summary><pre>" + html_text(text) + "</pre></details>\n";
  }
  /// What stands between the title and the links.
  void lead(std::string_view text) { lead_ += "<p class=\"lead\">" + html_text(text) + "</p>\n"; }

  std::string text() const {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n<title>" +
           html_text(title_) + "</title>\n<style>\n" + std::string(detail::html_style) + std::string(svg_style) +
           "</style>\n</head>\n<body>\n<header><h1>" + html_text(title_) + "</h1>\n" + lead_ +
           "<nav aria-label=\"Parts of this page\">\n" + links_ + "</nav></header>\n<main>\n" + body_ +
           "</main>\n</body>\n</html>\n";
  }

 private:
  std::string title_, lead_, links_, body_;
  int sections_ = 0;
};

}  // namespace sseg
