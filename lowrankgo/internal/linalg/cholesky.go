package linalg

import "math"

// Cholesky overwrites the lower triangle of the symmetric n×n matrix a, given
// row by row, with L, A = LLᵀ; above the diagonal it neither reads nor writes.
//
// It returns min Lᵢᵢ² / max Lᵢᵢ², which is at least 1/κ(A) and mostly near it,
// or 0 when A is not positive definite at working precision (L is then of no
// use). It costs n³/3 flops and allocates nothing.
func Cholesky(a []float64, n int) float64 {
	least, most := math.Inf(1), 0.0
	for i := range n {
		row := a[i*n : i*n+i+1]
		for j := range i {
			other := a[j*n : j*n+j+1]
			s := row[j]
			for k := range j {
				s -= float64(row[k] * other[k])
			}
			row[j] = s / other[j]
		}
		pivot := row[i]
		for _, v := range row[:i] {
			pivot -= float64(v * v)
		}
		if !(pivot > 0) || math.IsInf(pivot, 1) {
			return 0
		}
		row[i] = math.Sqrt(pivot)
		least, most = math.Min(least, pivot), math.Max(most, pivot)
	}
	return least / most
}

// SolveLower replaces b by L⁻¹b for the L of [Cholesky]; n² flops.
func SolveLower(l []float64, n int, b []float64) {
	for i := range n {
		s := b[i]
		for k, v := range l[i*n : i*n+i] {
			s -= float64(v * b[k])
		}
		b[i] = s / l[i*n+i]
	}
}

// SolveUpper replaces b by L⁻ᵀb for the L of [Cholesky]; n² flops.
func SolveUpper(l []float64, n int, b []float64) {
	for i := n - 1; i >= 0; i-- {
		b[i] /= l[i*n+i]
		for k, v := range l[i*n : i*n+i] {
			b[k] -= float64(v * b[i])
		}
	}
}
