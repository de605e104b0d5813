#pragma once
#include <string>
#include <string_view>

namespace sseg {

/// Colours and lines of every plot, for a page or a file of its own: text and axes in the colour of the text around
/// them, series in colours that colour-blind people tell apart (Okabe and Ito, "Color Universal Design", 2008; lighter
/// on dark ground).
inline constexpr std::string_view svg_style =
    R"(.plot{--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b3558a;--c4:#b87c00;--c5:#3a93c8;--c6:#6f5fb0;--c7:#5c5c5c;
color:#1c1c1c;font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
@media screen and (prefers-color-scheme:dark){.plot{--c0:#5ab4ee;--c1:#ff8f4d;--c2:#35c79a;--c3:#ea9cc8;--c4:#f0b93a;--c5:#9ad6f7;--c6:#b3a6f2;--c7:#b8b8b8;
color:#e6e6e6}}
.plot text{fill:currentColor;stroke:none}
.plot .title{font-weight:600;font-size:13px}
.plot .small{font-size:10.5px}
.plot .grid{stroke:currentColor;stroke-opacity:.15;fill:none}
.plot .axis{stroke:currentColor;stroke-opacity:.6;fill:none}
.plot .mark{stroke:currentColor;stroke-opacity:.45;stroke-dasharray:3 3}
.plot .error{stroke:currentColor;stroke-width:1.5;fill:none}
.plot .frame{stroke:currentColor;stroke-opacity:.5;fill:none}
.plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.plot .k0{stroke:var(--c0);fill:var(--c0)}.plot .k1{stroke:var(--c1);fill:var(--c1)}
.plot .k2{stroke:var(--c2);fill:var(--c2)}.plot .k3{stroke:var(--c3);fill:var(--c3)}
.plot .k4{stroke:var(--c4);fill:var(--c4)}.plot .k5{stroke:var(--c5);fill:var(--c5)}
.plot .k6{stroke:var(--c6);fill:var(--c6)}.plot .k7{stroke:var(--c7);fill:var(--c7)}
.plot .cross{stroke-width:1.8}
.plot .shade.k0,.plot .shade.k1{stroke:none}
.plot .line.k0,.plot .line.k1,.plot .line.k2,.plot .line.k3,.plot .line.k4,.plot .line.k5,.plot .line.k6,.plot .line.k7{fill:none}
)";

/// Colours there are; series beyond share them.
inline constexpr int svg_colours = 8;

/// A plot as a file of its own.
inline std::string svg_file(const std::string& plot) {
  const auto end = plot.find('>');  // of the tag <svg …>, whose attributes are escaped
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + plot.substr(0, end + 1) +
         "<style>.plot{color-scheme:light dark}\n" + std::string(svg_style) + "</style>" + plot.substr(end + 1) + "\n";
}

}  // namespace sseg
