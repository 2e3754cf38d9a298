"""Times Go benchmarks and their NumPy and SciPy peers by turns and prints the ratios.

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

HERE = pathlib.Path(__file__).parent
PAIRS = (  # Go benchmark, peer, sizes, seconds the peer has
    ("BenchmarkSensingGradient", "sensing.py", ("750x2000", "6000x10000"), 1),
    ("BenchmarkCompletionGradient", "completion.py", ("1000x1000", "10000x10000"), 3),
)


def go_seconds(binary, benchmark, size):
    out = subprocess.run(
        [binary, "-test.run=^$", f"-test.bench=^{benchmark}$/^{size}$", "-test.benchtime=1s"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = re.search(r"^Benchmark\S+\s+\d+\s+([\d.]+) ns/op", out, re.MULTILINE)
    if not found:
        sys.exit(f"no {benchmark} of size {size} in the output of {binary}:\n{out}")
    return float(found.group(1)) * 1e-9


def peer_seconds(script, size, seconds):
    out = subprocess.run([sys.executable, HERE / script, size, str(seconds)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["mean"]


def main(binary, rounds):
    print("gradient    size           lowrankgo ms             peer ms     lowrankgo / peer")
    print("                        median      min   median      min      median      min")
    for benchmark, script, sizes, seconds in PAIRS:
        for size in sizes:
            ours, peer = [], []
            for _ in range(rounds):
                ours.append(go_seconds(binary, benchmark, size))
                peer.append(peer_seconds(script, size, seconds))
            figures = [statistics.median(ours), min(ours), statistics.median(peer), min(peer)]
            ms = "".join(f"{1e3 * f:9.3f}" for f in figures)
            name = script.removesuffix(".py")
            print(f"{name:<12}{size:<12}{ms}{figures[0] / figures[2]:12.2f}{figures[1] / figures[3]:9.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: compare.py GO_TEST_BINARY [rounds]")
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 5)
