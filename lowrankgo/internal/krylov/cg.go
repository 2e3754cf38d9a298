package krylov

import (
	"context"
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
)

// CG solves Ax = b by conjugate gradients (Hestenes, Stiefel 1952) for a
// symmetric positive semidefinite A. For a b in the range of A it finds the
// shortest solution, also when A is singular. It keeps 3n numbers; an iteration
// costs one product and 10n flops.
type CG struct{ r, p, q []float64 }

// NewCG returns a solver for n unknowns.
func NewCG(n int) *CG {
	return &CG{r: make([]float64, n), p: make([]float64, n), q: make([]float64, n)}
}

// Solve sets x to the solution with mul(dst, x): dst = Ax, until
// ‖b − Ax‖ ≤ Tol·‖b‖. It ends early, with the best x so far, when a direction
// has no curvature at working precision.
func (c *CG) Solve(ctx context.Context, mul func(dst, x []float64), x, b []float64, l Limits) (Report, error) {
	n := len(c.r)
	if len(x) != n || len(b) != n {
		panic(fmt.Sprintf("krylov: CG for %d unknowns was given x of length %d and b of length %d", n, len(x), len(b)))
	}
	l = l.filled(n)
	clear(x)
	copy(c.r, b)
	copy(c.p, b)
	begin := loops.Dot(b, b)
	rr := begin
	var rep Report
	for rep.Iter < l.Max && rr > l.Tol*l.Tol*begin {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		mul(c.q, c.p)
		curve := loops.Dot(c.p, c.q)
		if !(curve > 0) {
			break
		}
		alpha := rr / curve
		loops.AddScaled(x, alpha, c.p)
		loops.AddScaled(c.r, -alpha, c.q)
		next := loops.Dot(c.r, c.r)
		scaleAdd(c.p, next/rr, 1, c.r)
		rr = next
		rep.Iter++
	}
	if begin > 0 {
		rep.Residual = norm(c.r) / norm(b)
	}
	rep.Converged = rep.Residual <= l.Tol
	return rep, nil
}
