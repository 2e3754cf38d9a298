"""AccAltProj in NumPy, timed: the peer of BenchmarkAccAltProj.

    python3 benchmarks/robustpca.py FOLDER/2500,0.3.npy [seconds]

prints {"size", "mean", "iterations", "residual", "ways", "runs"}, times in
seconds, for rank 5 and a residual of 1e-5. The rows are worked on in strips of
two heights and all at once; "ways" has the mean time of each, and "mean" is
that of the fastest.
"""

import json
import pathlib
import statistics
import sys
import time

import numpy as np

from peers.accaltproj import accaltproj

RANK, TOL = 5, 1e-5
HEIGHTS = (16, 128, 1 << 30)  # rows of a strip


def measure(path, seconds):
    data = np.load(path)
    ways, runs = {}, 0
    for rows in HEIGHTS:
        times, end = [], time.perf_counter() + seconds / len(HEIGHTS)
        while not times or time.perf_counter() < end:
            begin = time.perf_counter()
            _, _, _, iterations, residual = accaltproj(data, RANK, TOL, rows=rows)
            times.append(time.perf_counter() - begin)
        ways["all" if rows > len(data) else rows] = statistics.fmean(times)
        runs += len(times)
    return {
        "size": pathlib.Path(path).stem, "mean": min(ways.values()), "iterations": iterations,
        "residual": float(residual), "ways": ways, "runs": runs,
    }


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: robustpca.py DATA.npy [seconds]")
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]) if len(sys.argv) == 3 else 1.0)))
