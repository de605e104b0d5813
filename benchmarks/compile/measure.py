#!/usr/bin/env python3
"""Median wall time and peak memory of compiling three programs. Needs nothing but Python and the compiler."""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GOALS = {"include_all.cpp": 4.0, "train_a_net.cpp": 25.0}


def compile_once(command):
    """Wall seconds and peak MB of the compiler and what it starts."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit("does not compile: " + " ".join(command))
    return seconds, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--eigen", default="/usr/include/eigen3", help="folder that holds Eigen/")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--enforce", action="store_true", help="exit with 1 when a goal is missed")
    options = parser.parse_args()

    includes = [f"-I{HERE.parent.parent / 'include'}", f"-I{options.eigen}"]
    programs = [HERE / name for name in ("empty.cpp", "include_all.cpp", "train_a_net.cpp") if (HERE / name).exists()]
    missed = False
    print(f"{'program':<18} {'flags':<6} {'seconds':>8} {'peak MB':>8}  goal")
    with tempfile.TemporaryDirectory() as folder:
        for flags in ([], ["-O2"]):
            for program in programs:
                command = [options.compiler, "-std=c++20", *flags, *includes, "-c", str(program), "-o", f"{folder}/x.o"]
                runs = [compile_once(command) for _ in range(options.repeat)]
                seconds = statistics.median(r[0] for r in runs)
                memory = max(r[1] for r in runs)
                goal = GOALS.get(program.name)
                late = goal is not None and seconds > goal
                missed = missed or late
                note = "" if goal is None else f"{goal:g} s{', MISSED' if late else ''}"
                print(f"{program.name:<18} {' '.join(flags) or '-':<6} {seconds:8.2f} {memory:8.0f}  {note}")
    return 1 if options.enforce and missed else 0


if __name__ == "__main__":
    sys.exit(main())
