#!/usr/bin/env python3
"""The tools here on programs whose speed is known: ratios, failures, budgets. Needs nothing but Python."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE / "peers"), str(HERE / "compile")]

import measure
import peers
import rows
import turns

# Answers its k-th turn with the k-th of its arguments; has words of its own before and between. "die" ends it.
FAKE = """
import sys
print("some library says hello", flush=True)
print("ready", flush=True)
for rate, line in zip(sys.argv[1:-1], sys.stdin):
    if rate == "die":
        sys.exit("no more")
    print("noise", flush=True)
    print(f"{rate} images/s, 12.5 MB", flush=True)
"""


def fake(name, *rates):
    return peers.Program(name, [sys.executable, "-c", FAKE, *rates], 1)


def run(*programs, rounds=3):
    with contextlib.redirect_stderr(io.StringIO()):
        return peers.take_turns(list(programs), rounds, 0.01)


def row(result):
    others = [name for name in result.rates if name != "sseg"]
    return peers.row_of(result, "sseg", others, what="w", case="c", threads=1, least=1.7, aim=2.5)


class Turns(unittest.TestCase):
    def test_ratio_is_of_rounds_and_against_the_best(self):
        # The second round was slow for all: its ratio counts, its rates alone would not.
        one = row(run(fake("sseg", "300", "30", "330"), fake("slow", "90", "9", "90"), fake("fast", "1e+02", "10", "110")))
        self.assertEqual((one.peer, one.ratios, one.ratio), ("fast", [3, 3, 3], 3))
        self.assertIn("**3.00** (3.00–3.00) |", peers.markdown(one))

    def test_a_miss_is_said(self):
        self.assertIn("**1.00** missed", peers.markdown(row(run(fake("sseg", "5"), fake("peer", "5"), rounds=1))))

    def test_a_program_that_dies_leaves_the_others(self):
        result = run(fake("sseg", "10", "10", "10"), fake("peer", "5", "5", "5"), fake("bad", "9", "die", "9"))
        self.assertIn("ended in a turn: no more", result.failures["bad"])
        one = row(result)
        self.assertEqual((one.peer, one.ratio, one.note), ("peer", 2, "bad failed"))

    def test_ours_may_not_be_there(self):
        one = row(run(peers.Program("sseg", ["/no/such/program"], 1), fake("peer", "5", "5", "5")))
        self.assertEqual((one.ratio, one.note), (0, "sseg failed"))
        self.assertIn("sseg failed", peers.markdown(one))

    def test_no_peer_is_said(self):
        self.assertEqual(row(run(fake("sseg", "10", "10", "10"))).note, "no peer")

    def test_a_turn_takes_its_time_and_counts_images(self):
        out = io.StringIO()
        calls = []
        with contextlib.redirect_stdout(out):
            turns.take_turns(lambda: calls.append(1), 7, 1, turns.begin_memory(), "0")
        self.assertEqual(len(calls), 3 + 2)
        self.assertTrue(peers.TURN.match(out.getvalue()))

    def test_one_thread_is_timed_by_the_cpu(self):
        rates = []
        for threads in (1, 2):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                turns.take_turns(lambda: time.sleep(0.01), 1, threads, 0, "0")
            rates.append(float(peers.TURN.match(out.getvalue()).group(1)))
        self.assertGreater(rates[0], 2 * rates[1])
        self.assertLess(rates[1], 100)

    def test_a_program_that_fails_alone(self):
        with self.assertRaisesRegex(peers.Failed, "no way"):
            peers.one_turn([sys.executable, "-c", "import sys; sys.exit('no way')"])
        with self.assertRaisesRegex(peers.Failed, "no images/s"):
            peers.one_turn([sys.executable, "-c", "print(1)"])

    def test_case(self):
        self.assertEqual([rows.case_of(c) for c in ("a/28", "c/84")], ["a, 28²×1", "c, 84²×3"])


class Gpu(unittest.TestCase):
    def table(self, device, *options):
        """What compare_gpu prints with a bench_gpu that names this device, and a PyTorch of half its speed."""
        with tempfile.TemporaryDirectory() as folder:
            for name, first, rate in (("bench_gpu", device, "100"), ("python", "2.9.0", "50")):
                program = pathlib.Path(folder) / name
                program.write_text(f"#!{sys.executable}\nimport sys\nif sys.argv[1] in ('device', '-c'):\n"
                                   f"    sys.exit(print({first!r}))\nsys.argv[1:] = [{rate!r}] * 9\n{FAKE}")
                program.chmod(0o755)
            command = [sys.executable, HERE / "peers/compare_gpu", "--ours", f"{folder}/bench_gpu", "--python",
                       f"{folder}/python", "--rounds", "2", "--seconds", "0.01", *options]
            ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=100)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            return ran.stdout

    def test_without_a_gpu_the_reason_is_said(self):
        self.assertEqual(self.table("sseg-test-skipped: the NVIDIA driver sees no GPU"),
                         "sseg-test-skipped: the NVIDIA driver sees no GPU\n")

    def test_the_table_names_the_device_and_has_a_row_for_each_case(self):
        text = self.table("Card 7", "--configurations", "a/28", "--precisions", "f32,tf32", "--batches", "1,75")
        self.assertIn("Card 7; PyTorch 2.9.0 on cuda", text)
        self.assertEqual(text.count("**2.00** (2.00–2.00)"), 2 + 2 + 4)
        self.assertIn("| features | a, 28²×1, batch 75, tf32 |", text)
        self.assertIn("| PyTorch 2.9.0 eager |", text)


class Convolutions(unittest.TestCase):
    def rows(self, *names):
        """Of a bench_conv that prints these, at 80 % of the peak."""
        report = {"context": {"fma_peak_gflops": "100.0"}, "benchmarks": [{"name": name, "%peak": 80} for name in names]}
        with tempfile.TemporaryDirectory() as build:
            program = pathlib.Path(build) / "benchmarks/bench_conv"
            program.parent.mkdir()
            program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(report)}\nEND\n")
            program.chmod(0o755)
            setup = types.SimpleNamespace(rounds=2, seconds=1, peaks=[], bench=lambda name: program)
            found = list(rows.convolution(setup))
        self.assertEqual(setup.peaks, [100, 100])
        return {row.case: row for row in found}

    def test_goals_by_pass(self):
        found = self.rows("forward/32x84^2/32->32", "onednn/forward/32x84^2/32->32", "direct/forward/32x84^2/32->32",
                          "direct/backward_data/32x84^2/3->32", "winograd/forward/32x84^2/32->32")
        goals = [(row.what.split(",")[0], row.least, row.ratio) for row in found.values()]
        self.assertEqual(goals, [("direct convolution", 0.85, 0.8), ("direct convolution", 0.75, 0.8), ("Winograd", 1.25, 0.8)])
        self.assertIn("training does without", found["direct/backward_data/32x84^2/3->32"].note)

    def test_winograd_may_not_be_there(self):
        self.assertEqual(self.rows("direct/forward/32x84^2/32->32")["–"].note, "not built")


class FakeCompiler:
    """Every program costs what `costs` say, one after the other; the last again and again."""

    def __init__(self, *costs):
        self.costs = list(costs)

    def label(self):
        return "g++ 0"

    def in_units(self, _):
        cost = self.costs.pop(0) if len(self.costs) > 1 else self.costs[0]
        return cost, cost


class Budgets(unittest.TestCase):
    def check(self, *costs):
        budget = {program.name: {"cpu": 2.0, "MB": 100, "kB": 50} for program in measure.OURS}
        with contextlib.redirect_stdout(io.StringIO()):
            return measure.check(FakeCompiler(*costs), {"g++ 0": budget})

    def test_within_a_fifth_passes(self):
        self.assertEqual(self.check(measure.Cost(9, 2.39, 119, 59)), 0)

    def test_each_figure_can_fail(self):
        for cost in ((9, 2.41, 100, 50), (9, 2, 121, 50), (9, 2, 100, 61)):
            self.assertEqual(self.check(measure.Cost(*cost)), 1)

    def test_noise_is_measured_again(self):
        self.assertEqual(self.check(measure.Cost(9, 5, 100, 50), measure.Cost(9, 2, 100, 50)), 0)

    def test_an_unknown_compiler_is_not_checked(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(measure.check(FakeCompiler(None), {}), 0)
        self.assertIn("no budgets for g++ 0", out.getvalue())

    def test_every_program_has_its_file(self):
        for program in [*measure.OURS, measure.REFERENCE, *(p for p, _ in measure.PEERS)]:
            self.assertTrue((HERE / "compile" / program.file).exists(), program.file)


if __name__ == "__main__":
    unittest.main()
