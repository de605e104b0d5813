"""How a Python peer serves compare_all: benchmarks/run/turns.hpp in Python. Needs nothing but Python."""
import statistics
import sys
import time


def process_memory(field):
    """A field of /proc/self/status in MB (VmRSS, VmHWM); 0 where there is none."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return 0.0


def begin_memory():
    """Forgets earlier peaks, and returns the memory held now, in MB: what is counted from comes after it."""
    try:
        with open("/proc/self/clear_refs", "w") as peaks:
            peaks.write("5")
    except OSError:
        pass
    return process_memory("VmRSS")


def take_turn(once, images, threads, before, seconds):
    """Prints '<images a call at the median of the calls' times> images/s, <peak of memory beyond `before`> MB'. Of one
    thread the CPU's time counts, which neighbours on the machine do not stop, of several the wall's."""
    clock = time.process_time if threads == 1 else time.perf_counter
    times = []
    start = time.perf_counter()
    while len(times) < 2 or time.perf_counter() - start < seconds:
        begin = clock()
        once()
        times.append(clock() - begin)
    print(f"{images / statistics.median(times):.6g} images/s, {process_memory('VmHWM') - before:.1f} MB", flush=True)


def take_turns(once, images, threads, before, how):
    """`how`: the seconds of the one turn to take, or "turns": one for every number of seconds that stdin brings."""
    for _ in range(3):
        once()
    if how != "turns":
        take_turn(once, images, threads, before, float(how))
        return
    print("ready", flush=True)
    for line in sys.stdin:
        take_turn(once, images, threads, before, float(line))
