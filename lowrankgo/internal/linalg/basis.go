package linalg

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
)

// Tall matrices of n×k are held here by columns, each contiguous: column j is
// a[j·n : (j+1)·n].

// ThinQR replaces columns from … k−1 of the n×k matrix a by an orthonormal
// basis of what they add to the columns before, which are orthonormal or 0
// already:
//
//	A = Q·T
//
// with T upper triangular, k×k row by row; it may be nil, and its columns below
// from are not set. A column that depends on those before at
// working precision becomes 0, as does T there. It is Gram–Schmidt, each column
// at least twice where rounding asks for it: 4nk² flops, no allocations.
func ThinQR(a []float64, n, k, from int, t []float64) {
	for j := from; j < k; j++ {
		size := orthogonal(a, n, j, j, t, k)
		if t != nil {
			t[j*k+j] = size
		}
	}
}

// orthogonal takes off column j of a what it has of the other ones among the
// first m columns, adds what that was to column j of t, which it clears first,
// and brings column j to length 1 or, if nothing is left, to 0. It returns the
// length that was left.
func orthogonal(a []float64, n, m, j int, t []float64, k int) float64 {
	for i := range len(t) / max(k, 1) {
		t[i*k+j] = 0
	}
	col := a[j*n : (j+1)*n]
	size := length(col)
	for range 4 {
		before := size
		for i := range m {
			if i == j {
				continue
			}
			q := a[i*n : (i+1)*n]
			c := loops.Dot(q, col)
			loops.AddScaled(col, -c, q)
			if t != nil {
				t[i*k+j] += c
			}
		}
		if size = length(col); size > before/2 {
			for i := range col {
				col[i] /= size
			}
			return size
		}
	}
	clear(col)
	return 0
}

// length is the Euclidean norm, the fast way where that is safe.
func length(x []float64) float64 {
	if s := math.Sqrt(loops.Dot(x, x)); s > 1e-140 && s < 1e140 {
		return s
	}
	return norm2(x)
}

// Fill replaces each column of the n×k matrix a, k ≤ n, that is 0 by a vector
// of length 1 orthogonal to the other columns, which are orthonormal or 0.
func Fill(a []float64, n, k int) {
	for j := range k {
		col := a[j*n : (j+1)*n]
		if loops.Dot(col, col) != 0 {
			continue
		}
		least, at := math.Inf(1), 0 // the coordinate of which the others have least: below 1
		for i := range n {
			var s float64
			for c := range k {
				s += float64(a[c*n+i] * a[c*n+i])
			}
			if s < least {
				least, at = s, i
			}
		}
		col[at] = 1
		orthogonal(a, n, k, j, nil, 0)
	}
}

// Combine sets col, of length n, to Σ_i c[i]·a_i over the first len(c) columns
// of a. col may not be one of them.
func Combine(col, a, c []float64) {
	n, i := len(col), 0
	clear(col)
	for ; i+4 <= len(c); i += 4 {
		loops.AddScaled4(col, (*[4]float64)(c[i:]), a[i*n:], n)
	}
	for ; i < len(c); i++ {
		loops.AddScaled(col, c[i], a[i*n:(i+1)*n])
	}
}
