#!/usr/bin/env python3
"""The cost model of docs/scaling.md: seconds of a data-parallel training step on k ranks, and the table there."""

# Measured by bench_ranks: net c on 84x84 colour pictures (see docs/scaling.md).
VIEW = 398e-3 / 128  # CPU seconds of a rank for a view, forward, backward and update
LOSS = 25.6e-3 / (128 * 16384)  # CPU seconds of NT-Xent for a row of the rank beside one of all ranks
SUM = 0.44e-3 / 262144  # CPU seconds of all_reduce for a float: copies and the sum
PARAMETERS = 487_000
BUCKET = 65536  # parameters whose gradients are summed at once
NORMS = [32, 64, 128, 256]  # channels of the batch norms

# Assumed, not measured: 8 ranks a machine share a network of 100 Gbit/s and 2 us a message.
MESSAGE = 2e-6
BYTE = 8 / 12.5e9


def steps_of(k):
    """Messages that follow each other in a gather among k."""
    return max(k - 1, 1).bit_length() if k > 1 else 0


def gather(k, count):
    return steps_of(k) * MESSAGE + (k - 1) * count * BYTE


def all_reduce(k, floats):
    """Every rank sends a k-th to each other, adds, and gathers the sums."""
    if k == 1:
        return 0
    piece = 4 * floats / k
    return (k - 1) * (MESSAGE + piece * BYTE) + gather(k, piece) + SUM * floats


def norms(k):
    """Moments forward, two sums backward, of each channel; added by every rank itself."""
    if k == 1:
        return 0
    return sum(2 * (gather(k, 8 * c) + 2 * c * k * SUM) for c in NORMS)


def gradients(k, views, overlap):
    """What the sum of the gradients adds to a step. With overlap all but the last bucket is sent while the backward pass
    runs, two thirds of a view's time; sums and copies take the processor either way."""
    whole = all_reduce(k, PARAMETERS)
    if not overlap or k == 1:
        return whole
    buckets = -(-PARAMETERS // BUCKET)
    one = all_reduce(k, min(BUCKET, PARAMETERS))
    sent = buckets * (one - SUM * min(BUCKET, PARAMETERS))  # on the network
    return SUM * PARAMETERS + max(one - SUM * min(BUCKET, PARAMETERS), sent - 2 / 3 * views * VIEW)


def step(k, views, gathered, overlap=True):
    """`views` of a rank; `gathered`: NT-Xent over all ranks' outputs, else a loss that each rank has of its own."""
    rows = views * k if gathered else views
    loss = LOSS * views * rows
    if gathered:  # the outputs of all, and the sum of the gradients in them
        loss += gather(k, 4 * 128 * views) + all_reduce(k, 128 * rows)
    return views * VIEW + loss + norms(k) + gradients(k, views, overlap)


def main():
    one = step(1, 2048, True)
    print("| ranks | 1,024 pictures in all, NT-Xent: s, speed-up | 64 a rank, loss of its own: s, efficiency |", end="")
    print(" 64 a rank, NT-Xent: s, efficiency |\n|---|---|---|---|")
    for k in (1, 2, 8, 16, 32, 64, 128, 256, 512, 1024):
        strong = step(k, 2048 / k, True)
        own, weak = step(k, 128, False), step(k, 128, True)
        cell = f"{strong:.3g}, {one / strong:.1f}" if k <= 512 else "-"
        print(f"| {k} | {cell} | {own:.3g}, {step(1, 128, False) / own:.0%} |", end="")
        print(f" {weak:.3g}, {step(1, 128, True) / weak:.0%} |")
    print("\n| ranks | gradients of a step of 64 pictures a rank, in ms: after backward, beside it | 4 pictures a rank |")
    print("|---|---|---|")
    for k in (2, 8, 64, 256, 1024):
        cells = [1e3 * gradients(k, v, o) for v in (128, 8) for o in (False, True)]
        print(f"| {k} | {cells[0]:.3g}, {cells[1]:.3g} | {cells[2]:.3g}, {cells[3]:.3g} |")


if __name__ == "__main__":
    main()
