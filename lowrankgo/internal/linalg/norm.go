// Package linalg holds the small dense factorisations of tall thin matrices:
// QR, the norm of a product of factors, the randomised SVD.
package linalg

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// DifferenceNorm is ‖UVᵀ − U*V*ᵀ‖F by thin QR: with [U, −U*] = Q₁R₁ and
// [V, V*] = Q₂R₂ it is ‖R₁R₂ᵀ‖F. Nothing is squared before it is small, so the
// error is of the order of eps·‖U‖‖V‖, not its square root. U and U* may differ
// in columns. Cost (d1+d2)(r+r*)².
func DifferenceNorm(u, v, us, vs *mat.Dense) float64 {
	return tallProductNorm(beside(u, us, -1), beside(v, vs, 1))
}

// ProductNorm is ‖UVᵀ‖F by thin QR. Cost (d1+d2)r².
func ProductNorm(u, v *mat.Dense) float64 {
	return tallProductNorm(beside(u, nil, 0), beside(v, nil, 0))
}

// tall is a matrix by columns, each contiguous.
type tall [][]float64

// beside returns [a, c·b] by columns.
func beside(a, b *mat.Dense, c float64) tall {
	d, r := a.Dims()
	cols := r
	if b != nil {
		_, rb := b.Dims()
		cols += rb
	}
	data := make([]float64, d*cols)
	out := make(tall, cols)
	for k := range out {
		out[k] = data[k*d : (k+1)*d]
	}
	for i := range d {
		for k, x := range a.RawRowView(i) {
			out[k][i] = x
		}
		if b != nil {
			for k, x := range b.RawRowView(i) {
				out[r+k][i] = c * x
			}
		}
	}
	return out
}

// tallProductNorm is ‖ABᵀ‖F; it overwrites a and b by their R factors.
func tallProductNorm(a, b tall) float64 {
	ra, rb := a.householder(), b.householder()
	var sum float64
	for i := range ra {
		for j := range rb {
			var s float64
			for k := max(i, j); k < len(a); k++ {
				s += float64(a[k][i] * b[k][j])
			}
			sum += float64(s * s)
		}
	}
	return math.Sqrt(sum)
}

// householder turns a into the R of its QR factorisation: afterwards R_ik is
// a[k][i] for i ≤ k. It returns how many rows R has.
func (a tall) householder() int {
	d := len(a[0])
	n := min(d, len(a))
	for k := range n {
		x := a[k][k:]
		norm := norm2(x)
		if norm == 0 {
			continue
		}
		alpha := -math.Copysign(norm, x[0])
		x[0] -= alpha
		scale := -alpha * x[0] // ‖x‖²/2 of the reflector
		for _, col := range a[k+1:] {
			y := col[k:]
			var s float64
			for i, xi := range x {
				s += float64(xi * y[i])
			}
			s /= scale
			for i, xi := range x {
				y[i] -= float64(s * xi)
			}
		}
		x[0] = alpha
	}
	return n
}

// norm2 is the Euclidean norm without overflow or underflow.
func norm2(x []float64) float64 {
	var big float64
	for _, v := range x {
		big = math.Max(big, math.Abs(v))
	}
	if big == 0 || math.IsInf(big, 0) || math.IsNaN(big) {
		return big
	}
	var s float64
	for _, v := range x {
		v /= big
		s += float64(v * v)
	}
	return big * math.Sqrt(s)
}
