package rigid

import (
	"context"
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// Fit says how near the row of the Jacobian of an entry is to the span of the
// observed ones.
type Fit struct {
	Residual  float64 // distance, as a part of the row's length
	Iter      int
	Converged bool
}

// Answer is yes for a row in the span up to rounding.
func (f Fit) Answer() Answer {
	switch {
	case f.Residual <= 1e-8:
		return Yes
	case f.Converged && f.Residual >= 1e-6:
		return No
	}
	return Unknown
}

// Fit decides entry (i, j) of an estimated part by least squares, at the point of
// its estimate, with at most so many iterations of LSQR: two products each.
func (p *Part) Fit(ctx context.Context, i, j, most int) (Fit, error) {
	s := p.sway
	if s.turned {
		i, j = j, i
	}
	return s.frame.fit(ctx, i, j, most)
}

func (f *frame) fit(ctx context.Context, i, j, most int) (Fit, error) {
	a := krylov.Map{Mul: f.mulTrans, MulT: f.mulAll}
	n, m := len(f.u)+len(f.v), f.g.Entries()
	b, c, left := f.entryRow(i, j), make([]float64, m), make([]float64, n)
	size := math.Sqrt(dot(b, b))
	if size == 0 { // both lines are known: the row is 0
		return Fit{Converged: true}, nil
	}
	rep, err := krylov.NewLSQR(n, m).Solve(ctx, a, c, b, krylov.Limits{Tol: 1e-11, Max: most})
	if err != nil {
		return Fit{}, err
	}
	f.mulTrans(left, c)
	for k, v := range b {
		left[k] -= v
	}
	return Fit{math.Sqrt(dot(left, left)) / size, rep.Iter, rep.Converged}, nil
}

// mulAll sets t = [Q_U Q_V]w.
func (f *frame) mulAll(t, w []float64) {
	clear(t)
	f.rows.addTo(t, 1, w[:len(f.u)])
	f.cols.addTo(t, 1, w[len(f.u):])
}

// mulTrans sets w = [Q_U Q_V]ᵀt; lines that are fixed keep what they have, 0.
func (f *frame) mulTrans(w, t []float64) {
	f.rows.project(w[:len(f.u)], t)
	f.cols.project(w[len(f.u):], t)
}

// entryRow is the Jacobian's row of an entry: L⁻¹vⱼ at row i, L⁻¹uᵢ at column j.
func (f *frame) entryRow(i, j int) []float64 {
	r, n := f.r, len(f.u)
	b := make([]float64, n+len(f.v))
	if !fixed(f.fixRow, i) {
		copy(b[i*r:], f.v[j*r:j*r+r])
		linalg.SolveLower(f.rows.chol[i*r*r:(i+1)*r*r], r, b[i*r:i*r+r])
	}
	if !fixed(f.fixCol, j) {
		copy(b[n+j*r:], f.u[i*r:i*r+r])
		linalg.SolveLower(f.cols.chol[j*r*r:(j+1)*r*r], r, b[n+j*r:n+j*r+r])
	}
	return b
}
