#!/usr/bin/env python3
"""What compiling costs: seconds, peak memory, object size. Needs nothing but Python and the compiler; README.md says what
the programs are and how budgets work. Exits with 1 when a program does not compile, or a figure is over its budget.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOLERANCE = 1.2  # times the budget
TRIES = 3  # of a program that seems to be over its budget


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    file: str
    flags: tuple
    ours: bool = True


OURS = [
    Program("include", "include_all.cpp", ()),
    Program("training program", "train_a_net.cpp", ()),
    Program("training program -O2", "train_a_net.cpp", ("-O2",)),
    Program("chain of 8", "chain.cpp", ("-O2", "-DLAYERS=8")),
    Program("chain of 32", "chain.cpp", ("-O2", "-DLAYERS=32")),
    Program("chain of 96", "chain.cpp", ("-O2", "-DLAYERS=96")),
    Program("1 kind of block", "block_kinds.cpp", ("-O2", "-DKINDS=1")),
    Program("40 kinds of block", "block_kinds.cpp", ("-O2", "-DKINDS=40")),
]
REFERENCE = Program("reference", "reference.cpp", ("-O2",), ours=False)
# Others' smallest net with a convolution, where their header is installed.
PEERS = [(Program("dlib -O2", "dlib_net.cpp", ("-O2",), ours=False), "dlib/dnn.h")]


@dataclasses.dataclass
class Cost:
    """Of one compilation. `cpu`: user CPU seconds, later in units of the reference's."""

    seconds: float
    cpu: float
    megabytes: float
    kilobytes: float


class Compiler:
    def __init__(self, command, eigen):
        self.command = command
        self._includes = [f"-I{HERE.parent.parent / 'include'}", f"-I{eigen}"]
        self._folder = tempfile.TemporaryDirectory()

    def label(self):
        """Name and major version, such as 'g++ 12': what budgets are kept for."""
        version = subprocess.run([self.command, "-dumpversion"], capture_output=True, text=True, check=True).stdout
        about = subprocess.run([self.command, "--version"], capture_output=True, text=True, check=True).stdout
        return f"{'clang++' if 'clang' in about else 'g++'} {version.split('.')[0].strip()}"

    def has(self, header):
        run = subprocess.run([self.command, "-E", "-x", "c++", "-"], input=f"#if !__has_include(<{header}>)\n#error\n#endif\n",
                             text=True, capture_output=True)
        return run.returncode == 0

    def run(self, program):
        target = f"{self._folder.name}/program.o"
        includes = self._includes if program.ours else []
        command = [self.command, "-std=c++20", *program.flags, *includes, "-c", str(HERE / program.file), "-o", target]
        start = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit("does not compile: " + " ".join(command))
        return Cost(seconds, usage.ru_utime, usage.ru_maxrss / 1024, os.path.getsize(target) / 1000)

    def in_units(self, program):
        """The cost of a program, and the same with `cpu` in units of the reference compiled just before."""
        reference, cost = self.run(REFERENCE), self.run(program)
        return cost, dataclasses.replace(cost, cpu=cost.cpu / reference.cpu)


HEADER = "| program | seconds | CPU s | CPU / reference | peak MB | object kB |\n|---|---|---|---|---|---|"


def line(program, costs):
    cost, unit = costs
    return (f"| {program.name} | {cost.seconds:.1f} | {cost.cpu:.1f} | {unit.cpu:.2f} | {cost.megabytes:.0f} | "
            f"{cost.kilobytes:.0f} |")


def median(runs):
    """Field by field, of pairs (cost, cost in units)."""
    def middle(costs):
        return Cost(*(statistics.median(getattr(c, f.name) for c in costs) for f in dataclasses.fields(Cost)))
    return tuple(middle([run[k] for run in runs]) for k in (0, 1))


def figures(unit):
    """What budgets limit."""
    return {"cpu": round(unit.cpu, 3), "MB": round(unit.megabytes), "kB": round(unit.kilobytes)}


def over(measured, budget):
    """Names of the figures that exceed their budget by more than the tolerance."""
    return [name for name, limit in budget.items() if measured[name] > TOLERANCE * limit]


def check(compiler, budgets):
    """Compiles each program once, again while it is over its budget, and takes its least figures."""
    mine = budgets.get(compiler.label())
    if mine is None:
        print(f"no budgets for {compiler.label()}: not checked (measure.py --update makes them)")
        return 0
    failed = False
    for program in OURS:
        if program.name not in mine:
            sys.exit(f"no budget for '{program.name}': measure.py --update, and look at what changed")
        least = figures(compiler.in_units(program)[1])
        for _ in range(TRIES - 1):
            if over(least, mine[program.name]):
                again = figures(compiler.in_units(program)[1])
                least = {name: min(least[name], again[name]) for name in least}
        beyond = over(least, mine[program.name])
        failed = failed or bool(beyond)
        print(f"{program.name:<22}" + "  ".join(
            f"{name} {least[name]:g} of {limit:g}{' OVER' if name in beyond else ''}"
            for name, limit in mine[program.name].items()), flush=True)
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--eigen", default="/usr/include/eigen3", help="folder that holds Eigen/")
    parser.add_argument("--repeat", type=int, default=5, help="compilations of each program; medians count")
    parser.add_argument("--check", action="store_true", help="compare with the budgets instead of printing a table")
    parser.add_argument("--update", action="store_true", help="make what is measured the budget of this compiler")
    parser.add_argument("--budgets", type=pathlib.Path, default=HERE / "budgets.json")
    options = parser.parse_args()

    compiler = Compiler(options.compiler, options.eigen)
    budgets = json.loads(options.budgets.read_text()) if options.budgets.exists() else {}
    if options.check:
        return check(compiler, budgets)
    peers = [program for program, header in PEERS if compiler.has(header)]
    print(f"{compiler.label()}, median of {options.repeat}, load {os.getloadavg()[0]:.1f}\n\n{HEADER}", flush=True)
    for program in [*OURS, *peers]:
        costs = median([compiler.in_units(program) for _ in range(options.repeat)])
        print(line(program, costs), flush=True)
        if program.ours:
            budgets.setdefault(compiler.label(), {})[program.name] = figures(costs[1])
    if options.update:
        options.budgets.write_text(json.dumps(budgets, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
