#!/usr/bin/env python3
"""Opens a run's report.html in headless Chromium, in light and in dark, wide and narrow.

check_report.py REPORT.html    fails when the browser complains, a plot is missing or empty, the page asks for
                               anything outside of itself, or is wider than the screen.
Ends with 77, "skipped" for ctest, where Chromium or the report is missing. Needs nothing but Python's own library.
"""
import html.parser
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
WIDE_SCRIPT = "document.title = 'width ' + document.documentElement.scrollWidth + ' of ' + window.innerWidth;"


class Page(html.parser.HTMLParser):
    """Counts what the browser made of the page."""

    def __init__(self):
        super().__init__()
        self.plots, self.marks, self.outside, self.pictures, self.headings = [], 0, [], 0, 0
        self.title, self.in_title, self.in_plot = "", False, False

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "svg":
            self.plots.append([values.get("aria-label", ""), 0])
            self.in_plot = True
            if values.get("role") != "img" or not values.get("aria-label"):
                self.outside.append("a plot without a label")
        if self.in_plot and tag in ("circle", "rect", "path", "line"):
            self.plots[-1][1] += 1
        self.pictures += tag == "img"
        self.headings += tag == "h2"
        self.in_title = tag == "title" and not self.in_plot
        for name in ("src", "href"):
            if name in values and not values[name].startswith(("data:", "#")):
                self.outside.append(values[name])
        if tag == "script":
            self.outside.append("a script")
        if tag == "img" and not values.get("alt"):
            self.outside.append("a picture without words")

    def handle_endtag(self, tag):
        if tag == "svg":
            self.in_plot = False
        self.in_title = False

    def handle_data(self, data):
        if self.in_title:
            self.title += data


def browse(chromium, page, *flags):
    """What the browser prints of the page, and its complaints."""
    with tempfile.TemporaryDirectory() as profile:
        ran = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + profile,
             "--enable-logging=stderr", "--v=0", *flags, "--dump-dom", "file://" + os.path.abspath(page)],
            capture_output=True, timeout=120, check=True)
    complaints = [line for line in ran.stderr.decode(errors="replace").splitlines() if "CONSOLE" in line]
    return ran.stdout.decode(), complaints


def width(chromium, report, window):
    """The page's width and the window's: a copy of it says both in its title."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.html")
        with open(report, encoding="utf-8") as source, open(copy, "w", encoding="utf-8") as target:
            target.write(source.read().replace("</body>", "<script>" + WIDE_SCRIPT + "</script></body>"))
        dom, _ = browse(chromium, copy, f"--window-size={window},900")
    page = Page()
    page.feed(dom)
    words = page.title.split()
    return int(words[1]), int(words[3])


def main():
    report = sys.argv[1]
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None or not os.path.exists(report):
        print("sseg-test-skipped:", "no Chromium" if chromium is None else "no report at " + report)
        return SKIPPED
    faults = []
    for name, flags in (("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])):
        dom, complaints = browse(chromium, report, *flags)
        page = Page()
        page.feed(dom)
        faults += [f"{name}: {line}" for line in complaints + page.outside]
        faults += [f"{name}: nothing is drawn in '{label}'" for label, drawn in page.plots if drawn < 2]
        if len(page.plots) < 6 or page.pictures < 10 or page.headings < 6:
            faults.append(f"{name}: {len(page.plots)} plots, {page.pictures} pictures, {page.headings} parts")
    for window in (1200, 500):
        page_width, inner = width(chromium, report, window)
        if page_width > inner:
            faults.append(f"the page is {page_width} wide in a window of {inner}")
    print("\n".join(faults) or f"{len(page.plots)} plots, {page.pictures} pictures, {page.headings} parts")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
