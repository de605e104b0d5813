"""What the comparisons here share: programs that take turns on one machine, and what they measured.

Two programs that run one after the other on a machine that others use too say little about each other. Here all programs
of a comparison are started first and wait; then each works for a second or so, by turns, again and again. A ratio is the
median over the rounds of the ratio within a round, so that what slows a whole round down does not count.
"""
import dataclasses
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# With glibc's defaults PyTorch gives its memory back after each step and pays page faults to get it again, which makes
# it several times slower. It is measured at its best.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
               "MALLOC_TOP_PAD_": str(1 << 28)}
TURN = re.compile(r"([0-9.]+(?:e[+-]?[0-9]+)?) images/s(?:, (-?[0-9.]+) MB)?")


class Failed(Exception):
    """A program that did not do what it should: its name and the end of what it said."""


def environment(threads, keep_memory=True):
    return {**os.environ, **(KEEP_MEMORY if keep_memory else {}), "OMP_NUM_THREADS": str(threads),
            "PYTHONDONTWRITEBYTECODE": "1"}


def output_of(command, threads=1, keep_memory=True, timeout=3600):
    """What a program prints that runs by itself. Raises Failed."""
    run = subprocess.run([str(c) for c in command], env=environment(threads, keep_memory), capture_output=True, text=True,
                         timeout=timeout)
    if run.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {last_lines(run.stderr) or run.returncode}")
    return run.stdout


def last_lines(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-300:]


def one_turn(command, threads=1, keep_memory=True):
    """(images/s, MB) of a program that takes one turn and ends. Raises Failed."""
    found = TURN.search(output_of(command, threads, keep_memory))
    if not found:
        raise Failed(f"{' '.join(map(str, command))}: prints no images/s")
    return float(found.group(1)), float(found.group(2) or 0)


class Program:
    """A program that waits for its turns (turns.py, turns.hpp)."""

    def __init__(self, name, command, threads, clock="turns"):
        self.name, self.rates, self.error = name, [], None
        self._command, self._threads = [str(c) for c in [*command, clock]], threads
        self._process, self._errors = None, None

    def start(self):
        self._errors = tempfile.TemporaryFile("w+")
        try:
            self._process = subprocess.Popen(self._command, env=environment(self._threads), stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=self._errors, text=True)
        except OSError as error:
            return self._fail(str(error))
        if self._read() != "ready":
            self._fail("ended before its first turn")

    def turn(self, seconds):
        if self.error:
            return
        try:
            self._process.stdin.write(f"{seconds}\n")
            self._process.stdin.flush()
        except OSError:
            return self._fail("ended between two turns")
        found = TURN.search(self._read())
        if found:
            self.rates.append(float(found.group(1)))
        else:
            self._fail("ended in a turn")

    def stop(self):
        if self._process:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
        if self._errors:
            self._errors.close()

    def cpu_seconds(self):
        return process_seconds(self._process.pid) if self._process else 0.0

    def _read(self):
        """The next line that is ours: libraries print too."""
        for line in self._process.stdout:
            if line.strip() == "ready" or TURN.search(line):
                return line.strip()
        return ""

    def _fail(self, what):
        self._errors.seek(0)
        self.error = f"{what}: {last_lines(self._errors.read())}"
        self.rates = []
        print(f"  {self.name}: {self.error}", file=sys.stderr)


def process_seconds(pid):
    """CPU seconds of a process so far; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def busy_seconds():
    """CPU seconds that all processes of the machine have used."""
    try:
        with open("/proc/stat") as stat:
            fields = [int(v) for v in stat.readline().split()[1:]]
        return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


@dataclasses.dataclass
class Turns:
    """Rates of each program in each round, and how many cores others kept busy meanwhile."""

    rates: dict
    failures: dict
    others: float

    def median(self, name):
        return statistics.median(self.rates[name])

    def best(self, names):
        """The program of the highest median among these, or None where all failed."""
        ran = [name for name in names if name in self.rates]
        return max(ran, key=self.median) if ran else None

    def ratios(self, ours, theirs):
        return [a / b for a, b in zip(self.rates[ours], self.rates[theirs])]


def take_turns(programs, rounds, seconds):
    """Runs the programs by turns, each round beginning with another one."""
    try:
        for program in programs:
            program.start()
        begin, busy = time.perf_counter(), busy_seconds()
        own = sum(program.cpu_seconds() for program in programs)
        for r in range(rounds):
            for k in range(len(programs)):
                programs[(r + k) % len(programs)].turn(seconds)
        own = sum(program.cpu_seconds() for program in programs) - own
        others = max(0.0, busy_seconds() - busy - own) / (time.perf_counter() - begin)
    finally:
        for program in programs:
            program.stop()
    return Turns({p.name: p.rates for p in programs if p.rates}, {p.name: p.error for p in programs if p.error}, others)


@dataclasses.dataclass
class Row:
    """One figure of the table: `ratio` of ours to the best peer's, each round's ratio, and what the ratio should be."""

    what: str
    case: str
    threads: int
    unit: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    ratios: list
    least: float
    aim: float
    others: float = 0.0
    all: dict = dataclasses.field(default_factory=dict)
    note: str = ""


def row_of(turns, ours, peers, unit="images/s", *, what, case, threads, least, aim):
    """The row of a comparison by turns. `ours` did not run, or no peer did: a row that says so."""
    peer = turns.best(peers)
    everything = {name: statistics.median(rates) for name, rates in turns.rates.items()}
    note = "; ".join(f"{name} failed" for name in turns.failures)
    if ours not in turns.rates or peer is None:
        return Row(what, case, threads, unit, everything.get(ours, 0), peer or "none", everything.get(peer, 0), 0, [], least,
                   aim, turns.others, everything, note or "no peer")
    ratios = turns.ratios(ours, peer)
    return Row(what, case, threads, unit, everything[ours], peer, everything[peer], statistics.median(ratios), ratios, least,
               aim, turns.others, everything, note)


HEADER = ("| what | case | threads | sseg | best peer | its figure | ratio (rounds) | at least | aim | others' cores |\n"
          "|---|---|---|---|---|---|---|---|---|---|")


def short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def markdown(row):
    if not row.ratio:
        figure = row.note
    else:
        spread = f" ({min(row.ratios):.2f}–{max(row.ratios):.2f})" if len(row.ratios) > 1 else ""
        figure = f"**{row.ratio:.2f}**{spread}{'' if row.ratio >= row.least else ' missed'}"
        figure += f"; {row.note}" if row.note else ""
    theirs = short(row.theirs) if row.theirs else "–"
    ours = short(row.ours) if row.ours else "–"
    return (f"| {row.what} | {row.case} | {row.threads or '–'} | {ours} {row.unit} | {row.peer} | {theirs} | {figure} | "
            f"{row.least:g} | {row.aim:g} | {row.others:.1f} |")
