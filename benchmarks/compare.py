"""Times Go benchmarks and their NumPy and SciPy peers by turns and prints the ratios.

    python3 benchmarks/compare.py FOLDER [rounds]

FOLDER holds problem.test and solver.test, of the packages of these names, and
takes the data of robust PCA. Each round gives each side the mean time of a
gradient, or of a whole run of robust PCA, over about a second; the table has the
median and the smallest of the rounds.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PAIRS = (  # Go package, benchmark, peer, sizes, seconds the peer has, whether it reads our data
    ("problem", "BenchmarkSensingGradient", "sensing.py", ("750x2000", "6000x10000"), 1, False),
    ("problem", "BenchmarkCompletionGradient", "completion.py", ("1000x1000", "10000x10000"), 3, False),
    ("solver", "BenchmarkAccAltProj", "robustpca.py", ("500,0.3", "2500,0.1", "2500,0.3", "2500,0.5"), 3, True),
)


def go_seconds(binary, benchmark, size, benchtime="1s", env=None):
    out = subprocess.run(
        [binary, "-test.run=^$", f"-test.bench=^{benchmark}$/^{size}$", f"-test.benchtime={benchtime}"],
        check=True, capture_output=True, text=True, env=env,
    ).stdout
    found = re.search(r"^Benchmark\S+\s+\d+\s+([\d.]+) ns/op", out, re.MULTILINE)
    if not found:
        sys.exit(f"no {benchmark} of size {size} in the output of {binary}:\n{out}")
    method = re.search(r"([\d.]+) s/run", out)  # a run without its metrics, which the peer has not
    return float(method.group(1)) if method else float(found.group(1)) * 1e-9


def peer_seconds(script, size, seconds):
    out = subprocess.run([sys.executable, HERE / script, size, str(seconds)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["mean"]


def main(folder, rounds):
    print("benchmark   size           lowrankgo ms             peer ms     lowrankgo / peer")
    print("                        median      min   median      min      median      min")
    for package, benchmark, script, sizes, seconds, reads in PAIRS:
        binary = pathlib.Path(folder).resolve() / f"{package}.test"
        for size in sizes:
            given = size
            if reads:
                go_seconds(binary, benchmark, size, "1x", os.environ | {"LOWRANK_WRITE_DATA": str(binary.parent)})
                given = binary.parent / f"{size}.npy"
            ours, peer = [], []
            for _ in range(rounds):
                ours.append(go_seconds(binary, benchmark, size))
                peer.append(peer_seconds(script, given, seconds))
            figures = [statistics.median(ours), min(ours), statistics.median(peer), min(peer)]
            ms = "".join(f"{1e3 * f:9.3f}" for f in figures)
            name = script.removesuffix(".py")
            print(f"{name:<12}{size:<12}{ms}{figures[0] / figures[2]:12.2f}{figures[1] / figures[3]:9.2f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: compare.py FOLDER [rounds]")
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 5)
