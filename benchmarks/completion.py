"""One completion gradient in NumPy and SciPy, timed: the peer of BenchmarkCompletionGradient.

    python3 benchmarks/completion.py 10000x10000 [seconds]

prints {"size", "way", "mean", "median", "min", "runs", "ways"}, times in seconds. The
gradient is that of 1/(2p) ‖(UVᵀ − M*)_Ω‖², with the residual as a CSR matrix R and
R V, Rᵀ U by SciPy. The residual is computed in three ways that a user may write;
the figures are those of the way with the smallest mean, and "ways" has all means.
"""

import json
import statistics
import sys
import time

import numpy as np
import scipy.sparse as sp

SHAPES = {"1000x1000": (1000, 1000, 0.2), "10000x10000": (10_000, 10_000, 0.05)}  # d1, d2, p
RANK = 10
CHUNK = 20_000  # entries, whose rows of U and V stay in cache
ROWS = 250  # rows of U at a time, in the way by dense products


def by_gather(u, v, at, b):
    """Entry by entry, as it is written down."""
    return np.einsum("ij,ij->i", u[at.rows], v[at.cols]) - b


def by_chunks(u, v, at, b):
    """The same, with temporaries that fit into cache."""
    r = np.empty_like(b)
    for lo in range(0, len(b), CHUNK):
        part = slice(lo, lo + CHUNK)
        np.einsum("ij,ij->i", u[at.rows[part]], v[at.cols[part]], out=r[part])
    r -= b
    return r


def by_products(u, v, at, b):
    """Rows of UVᵀ by BLAS, and the observed entries of them."""
    r = np.empty_like(b)
    for lo in range(0, len(u), ROWS):
        part = slice(at.indptr[lo], at.indptr[min(lo + ROWS, len(u))])
        np.take((u[lo : lo + ROWS] @ v.T).ravel(), at.flat[part], out=r[part])
    r -= b
    return r


WAYS = (by_gather, by_chunks, by_products)


class Places:
    """Where the entries are, in row-major order."""

    def __init__(self, d1, d2, count, rng):
        flat = np.sort(rng.choice(d1 * d2, count, replace=False))
        rows, cols = np.divmod(flat, d2)
        self.rows, self.cols = rows.astype(np.int32), cols.astype(np.int32)
        self.indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=d1))]).astype(np.int32)
        self.flat = (flat - (rows // ROWS) * ROWS * d2).astype(np.int64)  # within its block of rows


def gradient(way, u, v, at, b, p):
    r = way(u, v, at, b)
    s = sp.csr_matrix((r, at.cols, at.indptr), shape=(len(u), len(v)))
    return r @ r / (2 * p), s @ v / p, s.T @ u / p


def measure(size, seconds):
    d1, d2, p = SHAPES[size]
    rng = np.random.default_rng(1)
    at = Places(d1, d2, round(p * d1 * d2), rng)
    u, v = rng.standard_normal((d1, RANK)), rng.standard_normal((d2, RANK))
    b = by_chunks(u, v, at, np.zeros(len(at.rows)))
    u += 0.1

    values, results = [], {}
    for way in WAYS:
        values.append(gradient(way, u, v, at, b, p)[0])
        times, end = [], time.perf_counter() + seconds / len(WAYS)
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            gradient(way, u, v, at, b, p)
            times.append(time.perf_counter() - start)
        results[way.__name__] = times
    if max(values) - min(values) > 1e-9 * max(values):
        sys.exit(f"the ways disagree: {values}")
    means = {name: statistics.fmean(times) for name, times in results.items()}
    best = min(means, key=means.get)
    return {
        "size": size, "way": best, "mean": means[best], "median": statistics.median(results[best]),
        "min": min(results[best]), "runs": len(results[best]), "ways": means,
    }


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in SHAPES:
        sys.exit(f"usage: completion.py {{{'|'.join(SHAPES)}}} [seconds]")
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]) if len(sys.argv) == 3 else 3.0)))
