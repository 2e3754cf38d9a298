"""Times the Go benchmark and its NumPy peer by turns and prints the ratios.

    python3 benchmarks/compare.py GO_TEST_BINARY [rounds]

Each round gives each side the mean time of a gradient over about a second; the
table has the median and the smallest of the rounds.
"""

import json
import pathlib
import re
import statistics
import subprocess
import sys

SIZES = ("750x2000", "6000x10000")
PEER = pathlib.Path(__file__).with_name("sensing.py")


def go_seconds(binary, size):
    out = subprocess.run(
        [binary, "-test.run=^$", f"-test.bench=^BenchmarkSensingGradient$/^{size}$", "-test.benchtime=1s"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = re.search(r"^Benchmark\S+\s+\d+\s+([\d.]+) ns/op", out, re.MULTILINE)
    if not found:
        sys.exit(f"no benchmark of size {size} in the output of {binary}:\n{out}")
    return float(found.group(1)) * 1e-9


def numpy_seconds(size):
    out = subprocess.run([sys.executable, PEER, size, "1"], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["mean"]


def main(binary, rounds):
    print("size           lowrankgo ms         NumPy ms       lowrankgo / NumPy")
    print("            median      min   median      min      median      min")
    for size in SIZES:
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(go_seconds(binary, size))
            peer.append(numpy_seconds(size))
        figures = [statistics.median(ours), min(ours), statistics.median(peer), min(peer)]
        ms = "".join(f"{1e3 * f:9.3f}" for f in figures)
        print(f"{size:<10}{ms}{figures[0] / figures[2]:12.2f}{figures[1] / figures[3]:9.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: compare.py GO_TEST_BINARY [rounds]")
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 5)
