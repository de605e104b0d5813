#!/usr/bin/python3
"""Features of a batch by ONNX Runtime from a file of examples/export_model, the peer of benchmarks/run/inference.cpp.

usage: ort_infer.py MODEL THREADS BATCH [SECONDS|turns]
prints: as turns.py says
"""
import sys

import numpy
import onnxruntime

import turns


def main():
    model, threads, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    before = turns.begin_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    shape = [batch] + session.get_inputs()[0].shape[1:]
    images = numpy.random.default_rng(0).standard_normal(shape, dtype=numpy.float32)
    turns.take_turns(lambda: session.run(["features"], {"images": images}), batch, threads, before,
                     sys.argv[4] if len(sys.argv) > 4 else "2")


if __name__ == "__main__":
    main()
