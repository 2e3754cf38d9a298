"""One dense sensing gradient in NumPy, timed: the peer of BenchmarkSensingGradient.

    python3 benchmarks/sensing.py 750x2000 [seconds]

prints {"size", "mean", "median", "min", "runs", "blas"}, times in seconds. The
gradient is that of ½‖A vec(UVᵀ) − b‖², as a NumPy user writes it: two passes of
OpenBLAS over A, with one temporary of A's width, and the two factor gradients.
"""

import json
import statistics
import sys
import time

import numpy as np

SHAPES = {"750x2000": (40, 50), "6000x10000": (100, 100)}  # rows of A x (d1 d2) -> d1, d2
RANK = 5


def gradient(a, b, u, v):
    r = a @ (u @ v.T).ravel() - b
    g = (a.T @ r).reshape(u.shape[0], v.shape[0])
    return 0.5 * (r @ r), g @ v, g.T @ u


def measure(size, seconds):
    d1, d2 = SHAPES[size]
    m = int(size.split("x")[0])
    rng = np.random.default_rng(1)
    a = rng.standard_normal((m, d1 * d2))
    u, v = rng.standard_normal((d1, RANK)), rng.standard_normal((d2, RANK))
    b = a @ (u @ v.T).ravel()
    u += 0.1

    times, end = [], time.perf_counter() + seconds
    gradient(a, b, u, v)
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        gradient(a, b, u, v)
        times.append(time.perf_counter() - start)
    return {
        "size": size, "mean": statistics.fmean(times), "median": statistics.median(times), "min": min(times),
        "runs": len(times), "blas": np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
    }


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in SHAPES:
        sys.exit(f"usage: sensing.py {{{'|'.join(SHAPES)}}} [seconds]")
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]) if len(sys.argv) == 3 else 1.0)))
