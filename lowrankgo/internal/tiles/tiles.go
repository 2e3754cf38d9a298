// Package tiles goes over a large matrix in pieces that fit the cache: whole
// matrices, stored or computed entry by entry, and what is left of them when a
// low-rank matrix is taken off.
package tiles

import (
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// Rows is a matrix that can give a part of a row without a copy, as *mat.Dense.
type Rows interface {
	mat.Matrix
	RawRowView(i int) []float64
}

// Reader is a matrix that computes its entries and does so by rows and columns
// faster than one by one.
type Reader interface {
	mat.Matrix
	// ReadRow sets dst to the entries j0 … j0+len(dst)−1 of row i.
	ReadRow(dst []float64, i, j0 int)
	// ReadCol sets dst to the entries i0 … i0+len(dst)−1 of column j.
	ReadCol(dst []float64, j, i0 int)
}

// Row returns entries [j0, j1) of row i of m: a view that must not be written
// to where m has one, else buf, which is filled. buf has room for j1−j0.
func Row(m mat.Matrix, buf []float64, i, j0, j1 int) []float64 {
	switch m := m.(type) {
	case Rows:
		return m.RawRowView(i)[j0:j1]
	case Reader:
		m.ReadRow(buf[:j1-j0], i, j0)
		return buf[:j1-j0]
	}
	for j := j0; j < j1; j++ {
		buf[j-j0] = m.At(i, j)
	}
	return buf[:j1-j0]
}

// Col sets dst to entries i0 … i0+len(dst)−1 of column j of m.
func Col(m mat.Matrix, dst []float64, j, i0 int) {
	switch m := m.(type) {
	case Rows:
		for i := range dst {
			dst[i] = m.RawRowView(i0 + i)[j]
		}
		return
	case Reader:
		m.ReadCol(dst, j, i0)
		return
	}
	for i := range dst {
		dst[i] = m.At(i0+i, j)
	}
}

// Transposed sets dst, r×n row by row, to the transpose of the n×r matrix v, so
// that sums over columns run along memory.
func Transposed(dst []float64, v *mat.Dense) {
	n, r := v.Dims()
	for j := range n {
		for k, x := range v.RawRowView(j)[:r] {
			dst[k*n+j] = x
		}
	}
}

// Subtract takes Σ_k u[k]·vt[k·stride : k·stride+len(e)] from e: a part of a
// row of UVᵀ from that of the data, for Vᵀ as [Transposed] gives it.
func Subtract(e []float64, u, vt []float64, stride int) {
	k := 0
	for ; k+4 <= len(u); k += 4 {
		c := [4]float64{-u[k], -u[k+1], -u[k+2], -u[k+3]}
		loops.AddScaled4(e, &c, vt[k*stride:], stride)
	}
	for ; k < len(u); k++ {
		loops.AddScaled(e, -u[k], vt[k*stride:k*stride+len(e)])
	}
}
