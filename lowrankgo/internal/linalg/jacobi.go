package linalg

import "math"

// Jacobi is the singular value decomposition of a small n×n matrix A by
// one-sided rotations (Demmel, Veselić 1992, SIAM J. Matrix Anal. 13:1204),
// which finds small singular values as precisely as large ones where the
// columns allow it. It takes some sweeps of 6n³ flops, fewer the nearer the
// columns are to orthogonal, and allocates only when it is made.
//
// After Factorize, A·J = W with J orthogonal and orthogonal columns in W, whose
// norms are the singular values: A = Σ_k σ_k (w_k/σ_k) j_kᵀ.
type Jacobi struct {
	n     int
	w, j  []float64 // columns of W and of J, each contiguous
	sigma []float64 // norms of the columns of W
	order []int     // columns by falling norm
}

// NewJacobi returns room for n×n matrices.
func NewJacobi(n int) *Jacobi {
	return &Jacobi{n: n, w: make([]float64, n*n), j: make([]float64, n*n), sigma: make([]float64, n), order: make([]int, n)}
}

// Column returns column k of A, of length n, to be written to before Factorize.
func (s *Jacobi) Column(k int) []float64 { return s.w[k*s.n : (k+1)*s.n] }

// Factorize decomposes the matrix in the columns, which it overwrites.
func (s *Jacobi) Factorize() {
	n := s.n
	clear(s.j)
	for k := range n {
		s.j[k*n+k] = 1
	}
	for range 40 { // sweeps; a handful is enough
		turned := false
		for a := range n {
			for b := range a {
				turned = s.turn(a, b) || turned
			}
		}
		if !turned {
			break
		}
	}
	for k := range n {
		s.sigma[k] = norm2(s.Column(k))
	}
	for k := range n { // by insertion, stable: n is small
		at := k
		for ; at > 0 && s.sigma[s.order[at-1]] < s.sigma[k]; at-- {
			s.order[at] = s.order[at-1]
		}
		s.order[at] = k
	}
}

// Triplet returns the k-th largest singular value, from 0, and its vectors w
// with ‖w‖ = σ, on the left and not yet divided by σ, and j with ‖j‖ = 1 on the
// right. They share s's memory.
func (s *Jacobi) Triplet(k int) (sigma float64, w, j []float64) {
	c := s.order[k]
	return s.sigma[c], s.Column(c), s.j[c*s.n : (c+1)*s.n]
}

// turn makes columns a and b of W orthogonal and reports whether they were not.
func (s *Jacobi) turn(a, b int) bool {
	x, y := s.Column(a), s.Column(b)
	var xx, yy, xy float64
	for i, v := range x {
		xx += float64(v * v)
		yy += float64(y[i] * y[i])
		xy += float64(v * y[i])
	}
	if !(math.Abs(xy) > 0x1p-52*math.Sqrt(xx)*math.Sqrt(yy)) {
		return false
	}
	zeta := (yy - xx) / (2 * xy)
	t := math.Copysign(1/(math.Abs(zeta)+math.Hypot(1, zeta)), zeta)
	c := 1 / math.Hypot(1, t)
	n := s.n
	rotate(x, y, c, c*t)
	rotate(s.j[a*n:(a+1)*n], s.j[b*n:(b+1)*n], c, c*t)
	return true
}

// rotate sets (x, y) = (cx − sy, sx + cy).
func rotate(x, y []float64, c, s float64) {
	for i, v := range x {
		x[i], y[i] = float64(c*v)-float64(s*y[i]), float64(s*v)+float64(c*y[i])
	}
}
