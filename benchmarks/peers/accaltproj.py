"""AccAltProj in NumPy, from Cai, Cai, Wei 2019 (JMLR 20:20, arXiv:1711.05519).

Everything of the data's size is made once and overwritten in place, products go
to the threaded BLAS, and rows are worked on in strips: few enough to stay in
cache, or all at once. The start is a randomised SVD, cheaper than svds and as
good here.
"""

import numpy as np
from scipy.linalg import qr, svd

SPARE = 5  # columns of the sketch beyond the rank


class Strips:
    """R = D - S for S = T_zeta(D - L), by strips of rows; S and L are not kept."""

    def __init__(self, data, rows):
        self.data, self.rows = data, min(rows, len(data))
        shape = (self.rows, data.shape[1])
        self.low, self.error, self.kept = np.empty(shape), np.empty(shape), np.empty(shape, dtype=bool)

    def walk(self, us, vt, zeta):
        """Yields the place of a strip and its R; adds up the squares of D - L - S."""
        self.left = 0.0
        for begin in range(0, len(self.data), self.rows):
            at = slice(begin, min(begin + self.rows, len(self.data)))
            data, n = self.data[at], at.stop - begin
            low, error, kept = self.low[:n], self.error[:n], self.kept[:n]
            np.matmul(us[at], vt, out=low)
            np.subtract(data, low, out=error)
            np.less_equal(np.abs(error, out=error), zeta, out=kept)
            np.multiply(error, kept, out=error)
            flat = error.ravel()
            self.left += flat @ flat
            np.copyto(low, data, where=kept)
            yield at, low

    def both(self, us, vt, zeta, u, v):
        """RV and RᵀU."""
        rv, rtu = np.empty((len(self.data), v.shape[1])), np.zeros((self.data.shape[1], u.shape[1]))
        for at, r in self.walk(us, vt, zeta):
            np.matmul(r, v, out=rv[at])
            rtu += r.T @ u[at]
        return rv, rtu

    def squared(self, us, vt, zeta, z):
        """RZ and RᵀRZ."""
        rz, g = np.empty((len(self.data), z.shape[1])), np.zeros_like(z)
        for at, r in self.walk(us, vt, zeta):
            np.matmul(r, z, out=rz[at])
            g += r.T @ rz[at]
        return rz, g


def start(strips, rank, beta_init, rng):
    """The r leading singular triplets of D - T(D), threshold beta_init * sigma_1(D)."""
    d1, d2 = strips.data.shape
    zero, zeta = (np.zeros((d1, 1)), np.zeros((1, d2))), np.inf
    z = qr(rng.standard_normal((d2, min(rank + SPARE, d1, d2))), mode="economic")[0]
    for k in range(4):
        rz, g = strips.squared(*zero, zeta, z)
        if k == 1:
            zeta = beta_init * np.linalg.norm(rz, 2)
        if k < 3:
            z = qr(g, mode="economic")[0]
    q, t = qr(rz, mode="economic")
    x, sigma, yt = svd(t)
    return q @ x[:, :rank], sigma, z @ yt[:rank].T


def accaltproj(data, rank, tol, decay=0.7, rows=64, seed=0):
    """Returns U, sigma, V of L, the iterations after the start and the residual."""
    d1, d2 = data.shape
    root = np.sqrt(d1 * d2)
    beta = 0.5 / np.sqrt(root) + 5 / root
    strips, flat = Strips(data, rows), data.ravel()
    size = np.sqrt(flat @ flat)
    u, sigma, v = start(strips, rank, 4 * beta, np.random.default_rng(seed))
    sigma, zeta, factor, k = sigma[:rank], beta * sigma[0], 1.0, 0
    small = np.zeros((2 * rank, 2 * rank))
    while True:
        rv, rtu = strips.both(u * sigma, v.T, zeta, u, v)
        residual = np.sqrt(strips.left) / size
        if residual <= tol or k == 300:
            return u, sigma, v, k, residual
        c = u.T @ rv
        q1, r1 = qr(rv - u @ c, mode="economic")
        q2, r2 = qr(rtu - v @ (v.T @ rtu), mode="economic")
        small[:rank, :rank], small[rank:, :rank], small[:rank, rank:] = c, r1, r2.T
        x, values, yt = svd(small)
        u, v = np.hstack((u, q1)) @ x[:, :rank], np.hstack((v, q2)) @ yt[:rank].T
        factor *= decay
        sigma, k = values[:rank], k + 1
        zeta = beta * (values[rank] + factor * values[0])
