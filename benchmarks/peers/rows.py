"""The rows of compare_all's table, one generator a kind of row. Each takes a Setup and yields peers.Row."""
import dataclasses
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

from peers import HERE, Failed, Program, Row, one_turn, output_of, row_of, take_turns


@dataclasses.dataclass
class Torch:
    """A Python that has torch, and its ways of running a net."""

    python: str
    version: str
    compiles: bool

    @staticmethod
    def find(python, may_compile):
        """None where that Python has no torch."""
        try:
            version = output_of([python, "-c", "import torch; print(torch.__version__)"]).strip()
        except (Failed, OSError):
            return None
        return Torch(python, version, may_compile and int(version.split(".")[0]) >= 2)

    def programs(self, script, arguments, threads, ways=("eager",)):
        """The script in each of these ways, and compiled."""
        for way in [*ways, *(["compile"] if self.compiles else [])]:
            yield Program(f"PyTorch {self.version} {way}", [self.python, HERE / script, *arguments, way], threads)


@dataclasses.dataclass
class Setup:
    build: pathlib.Path
    portable: pathlib.Path
    torches: list
    ort_python: str
    threads: list
    configurations: list
    dino: list
    rounds: int
    seconds: float
    omniglot: pathlib.Path
    omniglot_steps: list
    omniglot_target: float
    omniglot_seeds: list
    peaks: list = dataclasses.field(default_factory=list)

    def bench(self, name):
        return self.build / "benchmarks" / f"bench_{name}"

    def turns(self, programs):
        return take_turns(programs, self.rounds, self.seconds)


def case_of(configuration):
    net, side = configuration.split("/")
    return f"{net}, {side}²×{1 if side == '28' else 3}"


def against_torch(setup, what, program, script, configurations, least, aim):
    for threads in setup.threads:
        for configuration in configurations:
            arguments = [*configuration.split("/"), threads]
            theirs = [p for torch in setup.torches for p in torch.programs(script, arguments, threads)]
            turns = setup.turns([Program("sseg", [setup.bench(program), *arguments], threads), *theirs])
            yield row_of(turns, "sseg", [p.name for p in theirs], what=what, case=case_of(configuration), threads=threads,
                         least=least, aim=aim)


def training_step(setup):
    yield from against_torch(setup, "training step", "train_step", "torch_step.py", setup.configurations, 1.7, 2.5)


def dino_step(setup):
    yield from against_torch(setup, "DINO step, 2 + 6 crops", "dino_step", "torch_dino.py", setup.dino, 1.7, 2.5)


def ours_against_ours(setup, what, configurations, first, second, threads, least, aim):
    """`first` and `second`: (name, program's folder, its threads). Both by the wall's clock where their threads differ."""
    clock = "turns" if first[2] == second[2] else "wall"
    for configuration in configurations:
        programs = [Program(name, [folder / "benchmarks/bench_train_step", *configuration.split("/"), team], team, clock)
                    for name, folder, team in (first, second)]
        yield row_of(setup.turns(programs), first[0], [second[0]], what=what, case=case_of(configuration), threads=threads,
                     least=least, aim=aim)


def scaling(setup):
    yield from ours_against_ours(setup, "2 threads against 1, step", setup.configurations, ("sseg, 2 threads", setup.build, 2),
                                 ("sseg, 1 thread", setup.build, 1), 2, 1.85, 1.95)


def portable(setup):
    if not (setup.portable / "benchmarks/bench_train_step").exists():
        yield missing("portable build against native, step", 1, 0.95, 1, "not built: preset release")
        return
    for threads in setup.threads:
        yield from ours_against_ours(setup, "portable build against native, step", setup.configurations,
                                     ("portable", setup.portable, threads), ("native", setup.build, threads), threads, 0.95, 1)


def missing(what, threads, least, aim, note):
    return Row(what, "–", threads, "", 0, "–", 0, 0, [], least, aim, note=note)


def convolution(setup):
    """Shares of the FMA limit that the same process measured, one thread, CPU time: nothing to interleave."""
    shares = {}
    for _ in range(setup.rounds):
        report = json.loads(output_of([setup.bench("conv"), "--benchmark_format=json",
                                       f"--benchmark_min_time={min(setup.seconds, 1) / 10}"]))
        setup.peaks.append(float(report["context"]["fma_peak_gflops"]))
        for one in report["benchmarks"]:
            if "%peak" in one and one["name"].startswith(("direct/", "winograd/")):
                shares.setdefault(one["name"], []).append(one["%peak"] / 100)
    for name, share in shares.items():
        is_winograd, forward = name.startswith("winograd/"), "backward" not in name
        what = "Winograd, share of peak" if is_winograd else "direct convolution, share of peak"
        least, aim = (1.25, 1.7) if is_winograd else (0.85, 0.92) if forward else (0.75, 0.85)
        median = statistics.median(share)
        unneeded = re.search(r"backward_data.*/[13]->", name)
        yield Row(what, name, 1, "of peak", median, "FMA peak", 1, median, share, least, aim,
                  note="a first layer's: training does without" if unneeded else "")
    if not any(name.startswith("winograd/") for name in shares):
        yield missing("Winograd, share of peak", 1, 1.25, 1.7, "not built")


def onnx_file(setup, side, folder):
    """Net a, as examples/export_model writes it: of a run of one step, since only its shape counts here."""
    colours = {"28": ["--preset", "demo", "data.oversample=1"], "84": ["--preset", "curriculum"]}[side]
    examples, runs = setup.build / "examples", folder / side
    output_of([examples / "train_sseg", *colours, "--output_dir", runs, "--threads", 1, "name=net", f"data.image_size={side}",
               "data.count=40", "data.probe_images=8", "train.steps=1", "train.batch=4", "train.probe_every=1",
               "evolution.growth.trigger.kind=never", "evolution.seed_network.num_blocks=4",
               "evolution.seed_network.initial_channels=32", "evolution.seed_network.channel_factor=1"])
    file = folder / f"a_{side}.onnx"
    output_of([examples / "export_model", "--checkpoint", runs / "net/latest", "--format", "onnx", "--output", file])
    return file


def inference(setup):
    with tempfile.TemporaryDirectory() as folder:
        for side in ("84", "28"):
            model = None
            if setup.ort_python:
                model = onnx_file(setup, side, pathlib.Path(folder))
            for threads in setup.threads:
                for batch in (1, 75):
                    theirs = [p for torch in setup.torches
                              for p in torch.programs("torch_infer.py", ["a", side, threads, batch], threads,
                                                     ("eager", "jit"))]
                    if model:
                        theirs.append(Program("ONNX Runtime", [setup.ort_python, HERE / "ort_infer.py", model, threads, batch],
                                              threads))
                    ours = Program("sseg", [setup.bench("inference"), "a", side, threads, batch], threads)
                    yield row_of(setup.turns([ours, *theirs]), "sseg", [p.name for p in theirs],
                                 what=f"inference, batch {batch}", case=case_of(f"a/{side}"), threads=threads, least=1.5,
                                 aim=3)


def memory(setup):
    """Peak resident memory beyond what the process held before net and inputs were made; nothing to interleave. PyTorch
    eager, with malloc tuned and not, whichever needs less."""
    for configuration in setup.configurations:
        arguments = [*configuration.split("/"), 1]
        ours = one_turn([setup.bench("train_step"), *arguments, "0"])[1]
        theirs = {f"PyTorch {torch.version} {name}": one_turn([torch.python, HERE / "torch_step.py", *arguments, "eager", "0"],
                                                              keep_memory=keep)[1]
                  for torch in setup.torches for name, keep in (("tuned malloc", True), ("malloc as it is", False))}
        best = min(theirs, key=theirs.get, default=None)
        if not best or ours <= 0:
            yield missing("peak memory of the step", 1, 2, 4, "not measured")
            continue
        yield Row("peak memory of the step", case_of(configuration), 1, "MB", ours, best, theirs[best], theirs[best] / ours, [],
                  2, 4, all={"sseg": ours, **theirs})


def children_seconds():
    """CPU seconds of the programs that were started here and have ended."""
    used = os.times()
    return used.children_user + used.children_system


def omniglot_programs(setup, threads):
    """Name -> function of (steps, seed, folder for files) that trains, evaluates and returns the error in percent."""
    pictures = setup.omniglot / "images_background_small1.zip"
    runs = next(setup.omniglot.glob("*runs*.zip"), setup.omniglot / "all_runs.zip")

    def ours(steps, seed, folder):
        output_of([setup.build / "examples/train_sseg", "--omniglot", pictures, "--output_dir", folder, "--threads", threads,
                   f"train.steps={steps}", f"seed={seed}", f"train.probe_every={steps}", "evolution.growth.trigger.kind=never",
                   "evaluation.copies=0", "evaluation.match=mean"], threads)
        text = output_of([setup.build / "examples/evaluate_fewshot", "--checkpoint", folder / "omniglot/latest", "--runs",
                          runs, "--report_dir", folder, "--threads", threads], threads)
        return float(re.search(r"^trained +error +([0-9.]+) %", text, re.MULTILINE).group(1))

    def theirs(torch):
        script = [torch.python, HERE / "torch_omniglot.py", pictures, runs]
        return lambda steps, seed, _: float(output_of([*script, steps, seed, threads], threads).split()[0])

    return {"sseg": ours, **{f"PyTorch {torch.version} eager": theirs(torch) for torch in setup.torches}}


def timed(program, steps, seed):
    """(wall seconds, CPU seconds, error) of a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        start, busy = time.perf_counter(), children_seconds()
        error = program(steps, seed, pathlib.Path(folder))
        return time.perf_counter() - start, children_seconds() - busy, error


def omniglot_curves(setup, programs):
    """Name -> a point for each number of steps, means over the seeds; by turns. And the names of those that failed."""
    curves, failed = {name: [] for name in programs}, set()
    for steps in setup.omniglot_steps:
        runs = {name: [] for name in programs}
        for seed in setup.omniglot_seeds:
            for name in [name for name in programs if name not in failed]:
                try:
                    runs[name].append(timed(programs[name], steps, seed))
                except Failed as failure:
                    failed.add(name)
                    print(f"  {name}: {failure}", file=sys.stderr)
        for name in [name for name in programs if name not in failed]:
            seconds, cpu, error = (statistics.mean(run[k] for run in runs[name]) for k in range(3))
            curves[name].append({"steps": steps, "seconds": seconds, "cpu_seconds": cpu, "error": error})
            print(f"  {name}: {curves[name][-1]}", file=sys.stderr, flush=True)
    return curves, failed


def omniglot(setup):
    """Whole programs that train for some numbers of steps and evaluate; the least time in which the mean error over the
    seeds comes to the target."""
    what, threads = f"Omniglot small1 to {setup.omniglot_target:g} % error", max(setup.threads)
    if not setup.omniglot:
        yield missing(what, threads, 2, 4, "not run: --omniglot FOLDER")
        return
    curves, failed = omniglot_curves(setup, omniglot_programs(setup, threads))
    clock = "cpu_seconds" if threads == 1 else "seconds"
    reached = {name: min((point[clock] for point in curve if point["error"] <= setup.omniglot_target), default=0)
               for name, curve in curves.items()}
    ours = reached.pop("sseg")
    peer = min((name for name, seconds in reached.items() if seconds), key=reached.get, default="none")
    theirs = reached.get(peer, 0)
    note = "; ".join(f"{name} failed" for name in sorted(failed))
    if not note and not (ours and theirs):
        note = "target not reached by " + ("any peer" if ours else "sseg")
    yield Row(what, f"{len(setup.omniglot_seeds)} seeds", threads, "s", ours, peer, theirs, theirs / ours if ours else 0, [], 2,
              4, all=curves, note=note)


ROWS = {"step": training_step, "conv": convolution, "scaling": scaling, "inference": inference, "memory": memory,
        "portable": portable, "dino": dino_step, "omniglot": omniglot}
