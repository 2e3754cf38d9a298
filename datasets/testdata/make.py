"""Makes the binary examples of this folder with NumPy, SciPy, h5py and Pillow.

    python make.py        (writes into the current folder)

A is the 3x4 matrix that the tests know: A[i][j] = 10(i+1) + (j+1) + 1/4.
"""
import gzip
import os
import numpy as np
import scipy.io
import scipy.sparse
import h5py
from PIL import Image

A = np.array([[10 * (i + 1) + (j + 1) + 0.25 for j in range(4)] for i in range(3)])
H = A.copy()
H[1, 2] = np.nan
I = np.round(A).astype(int)
S = scipy.sparse.coo_array((np.array([1.5, -2.0, 3.25]), ([0, 2, 1], [3, 0, 1])), shape=(3, 4))
V = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)  # two frames of 3x4

np.save("a_f8.npy", A)
np.save("a_f8_fortran.npy", np.asfortranarray(A))
np.save("a_f4_big.npy", A.astype(">f4"))
np.save("a_f2.npy", A.astype("<f2"))
np.save("a_i2.npy", I.astype("<i2"))
np.save("a_u8_big.npy", I.astype(">u8"))
np.save("a_bool.npy", I % 2 == 0)
np.save("a_hole.npy", H)
np.save("vector.npy", A[0])
np.save("scalar.npy", np.float64(7.5))
np.save("frames.npy", V)
np.save("object.npy", np.array([[1, None]], dtype=object), allow_pickle=True)
np.save("complex.npy", A + 1j)
np.save("structured.npy", np.zeros(2, dtype=[("x", "f8"), ("y", "i4")]))
with open("a_v2.npy", "wb") as f:
    np.lib.format.write_array(f, A, version=(2, 0))
with gzip.GzipFile("a_f8.npy.gz", "wb", mtime=0) as f:
    np.save(f, A)
np.savez("two.npz", first=A, second=2 * A)
np.savez_compressed("one.npz", only=A)
scipy.sparse.save_npz("csr.npz", S.tocsr())
scipy.sparse.save_npz("csc.npz", S.tocsc())
scipy.sparse.save_npz("coo.npz", S)

scipy.io.savemat("v5.mat", {"A": A, "label": "words", "cell": np.array([[1, "x"]], dtype=object)})
scipy.io.savemat("v5_compressed.mat", {"A": A, "I": I.astype(np.int16)}, do_compression=True)
scipy.io.savemat("v5_sparse.mat", {"S": S.tocsc()})
scipy.io.savemat("v5_complex.mat", {"Z": A + 1j})
scipy.io.savemat("v5_video.mat", {"V": V.transpose(1, 2, 0)})
scipy.io.savemat("v5_scalar.mat", {"x": 7.5})
scipy.io.savemat("v4.mat", {"A": A}, format="4")

scipy.io.mmwrite("a_array.mtx", A)
scipy.io.mmwrite("s_coordinate.mtx", S, comment="made by SciPy")
M = scipy.sparse.coo_array((np.array([1.0, 2.0, 3.0]), ([0, 1, 2], [0, 0, 1])), shape=(3, 3))
scipy.io.mmwrite("symmetric.mtx", M + M.T, symmetry="symmetric")
scipy.io.mmwrite("skew.mtx", M - M.T, symmetry="skew-symmetric")
scipy.io.mmwrite("pattern.mtx", M, field="pattern")


def v73(name, fill, **kw):
    """An HDF5 file behind the 512 bytes that MATLAB puts in front."""
    with h5py.File(name, "w", userblock_size=512, **kw) as f:
        fill(f)
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, made by h5py".ljust(116) + b"\0" * 8 + b"\x00\x02" + b"IM"
    with open(name, "r+b") as f:
        f.write(text)


def var(f, name, x, cls, **kw):
    d = f.create_dataset(name, data=np.asarray(x).T, **kw)  # MATLAB stores columns first
    d.attrs["MATLAB_class"] = np.bytes_(cls)
    return d


def fill_plain(f):
    var(f, "A", A, "double")


def fill_chunked(f):
    var(f, "A", A, "double", chunks=(2, 2), compression="gzip", shuffle=True, fletcher32=True)
    var(f, "I", I.astype(np.int16), "int16", chunks=(3, 3), compression="gzip")


def fill_sparse(f):
    c = S.tocsc()
    g = f.create_group("S")
    g.attrs["MATLAB_class"] = np.bytes_("double")
    g.attrs["MATLAB_sparse"] = np.uint64(3)
    g.create_dataset("data", data=c.data)
    g.create_dataset("ir", data=c.indices.astype(np.uint64))
    g.create_dataset("jc", data=c.indptr.astype(np.uint64))


def fill_many(f):
    for k in range(40):
        var(f, f"v{k:02d}", A + k, "double")


v73("v73.mat", fill_plain)
v73("v73_chunked.mat", fill_chunked)
v73("v73_sparse.mat", fill_sparse)
v73("v73_many.mat", fill_many)
v73("v73_empty.mat", lambda f: None)
v73("v73_video.mat", lambda f: var(f, "V", V.transpose(1, 2, 0), "uint8"))
v73("v73_latest.mat", fill_plain, libver="latest")

os.makedirs("frames", exist_ok=True)
for k in range(12):
    x = (np.arange(12).reshape(3, 4) * 10 + k).astype(np.uint8)
    ext = ["png", "pgm"][k % 2]
    Image.fromarray(x).save(f"frames/frame{k}.{ext}")
x16 = (np.arange(12).reshape(3, 4) * 5000).astype(np.uint16)
Image.fromarray(x16).save("gray16.png")
Image.fromarray(np.full((8, 8, 3), (255, 0, 0), np.uint8)).save("red.jpg", quality=95)

scipy.io.savemat("words.mat", {"label": "words"})
with h5py.File("plain.h5", "w") as f:
    f["B"] = A
