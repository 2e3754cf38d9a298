package linalg

import "math"

// RowQR solves a least-squares problem in n unknowns whose rows come one by
// one,
//
//	min_x Σ (⟨aₖ, x⟩ − bₖ)²
//
// without forming its normal equations, which would square its condition
// number. It keeps the triangle of a QR factorisation, n(n+1) numbers, into
// which each row is turned by n Givens rotations (3n² flops). Where the
// solution is not unique, the shortest one is meant. It allocates nothing after
// it is made.
type RowQR struct {
	n   int
	r   []float64 // n rows of n+1: the triangle and Qᵀb
	row []float64 // the row being turned in
	svd *Jacobi   // of the triangle
}

// NewRowQR returns an empty problem in n unknowns.
func NewRowQR(n int) *RowQR {
	return &RowQR{n: n, r: make([]float64, n*(n+1)), row: make([]float64, n+1), svd: NewJacobi(n)}
}

// Reset takes all rows away.
func (q *RowQR) Reset() { clear(q.r) }

// Add adds the row ⟨a, x⟩ = b, with n coefficients.
func (q *RowQR) Add(a []float64, b float64) {
	n := q.n
	copy(q.row, a[:n])
	q.row[n] = b
	for k := range n {
		if q.row[k] == 0 {
			continue
		}
		r := q.r[k*(n+1) : (k+1)*(n+1)]
		h := math.Hypot(r[k], q.row[k])
		c, s := r[k]/h, q.row[k]/h
		for l := k; l <= n; l++ {
			r[l], q.row[l] = float64(c*r[l])+float64(s*q.row[l]), float64(c*q.row[l])-float64(s*r[l])
		}
	}
}

// Solve sets x, of length n, to the shortest solution. Singular values of R
// below n·eps of the largest count as 0. It costs some sweeps of 3n³ flops.
func (q *RowQR) Solve(x []float64) {
	n := q.n
	for k := range n {
		w := q.svd.Column(k)
		for i := range n {
			w[i] = q.r[i*(n+1)+k]
		}
	}
	q.svd.Factorize()
	clear(x)
	most, _, _ := q.svd.Triplet(0)
	for k := range n { // R·J = W with orthogonal columns: x = Σ jₖ⟨wₖ, Qᵀb⟩/‖wₖ‖²
		size, w, j := q.svd.Triplet(k)
		if !(size > float64(n)*0x1p-52*most) {
			continue
		}
		var s float64
		for i, v := range w {
			s += float64(v / size * q.r[i*(n+1)+n])
		}
		s /= size
		for i, v := range j {
			x[i] += float64(s * v)
		}
	}
}
