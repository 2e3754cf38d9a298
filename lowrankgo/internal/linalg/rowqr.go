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
	n    int
	r    []float64 // n rows of n+1: the triangle and Qᵀb
	row  []float64 // the row being turned in
	w, j []float64 // columns of R·J and of J, each contiguous
}

// NewRowQR returns an empty problem in n unknowns.
func NewRowQR(n int) *RowQR {
	return &RowQR{
		n: n, r: make([]float64, n*(n+1)), row: make([]float64, n+1),
		w: make([]float64, n*n), j: make([]float64, n*n),
	}
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
	q.orthogonalise()
	clear(x)
	var most float64
	for k := range n {
		most = math.Max(most, norm2(q.w[k*n:(k+1)*n]))
	}
	for k := range n { // R·J = W with orthogonal columns: x = Σ jₖ⟨wₖ, Qᵀb⟩/‖wₖ‖²
		w := q.w[k*n : (k+1)*n]
		size := norm2(w)
		if !(size > float64(n)*0x1p-52*most) {
			continue
		}
		var s float64
		for i, v := range w {
			s += float64(v / size * q.r[i*(n+1)+n])
		}
		s /= size
		for i, v := range q.j[k*n : (k+1)*n] {
			x[i] += float64(s * v)
		}
	}
}

// orthogonalise finds the orthogonal J that makes the columns of R·J
// orthogonal, by one-sided Jacobi rotations of pairs of columns (Demmel,
// Veselić 1992).
func (q *RowQR) orthogonalise() {
	n := q.n
	clear(q.j)
	for k := range n {
		q.j[k*n+k] = 1
		for i := range n {
			q.w[k*n+i] = q.r[i*(n+1)+k]
		}
	}
	for range 40 { // sweeps; a handful is enough
		turned := false
		for a := range n {
			for b := range a {
				turned = q.turn(a, b) || turned
			}
		}
		if !turned {
			return
		}
	}
}

// turn makes columns a and b of W orthogonal and reports whether they were not.
func (q *RowQR) turn(a, b int) bool {
	n := q.n
	x, y := q.w[a*n:(a+1)*n], q.w[b*n:(b+1)*n]
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
	s := c * t
	rotate(x, y, c, s)
	rotate(q.j[a*n:(a+1)*n], q.j[b*n:(b+1)*n], c, s)
	return true
}

// rotate sets (x, y) = (cx − sy, sx + cy).
func rotate(x, y []float64, c, s float64) {
	for i, v := range x {
		x[i], y[i] = float64(c*v)-float64(s*y[i]), float64(s*v)+float64(c*y[i])
	}
}
