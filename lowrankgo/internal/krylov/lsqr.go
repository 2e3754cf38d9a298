package krylov

import (
	"context"
	"fmt"
	"math"
)

// Map is a linear map from n to m numbers, by its products.
type Map struct {
	Mul  func(dst, x []float64) // dst = Ax, of length m
	MulT func(dst, y []float64) // dst = Aᵀy, of length n
}

// LSQR finds the shortest x that minimises ‖Ax − b‖ by the Golub–Kahan
// bidiagonalisation (Paige, Saunders 1982, ACM Trans. Math. Softw. 8, p. 43).
// In exact arithmetic its iterates are those of conjugate gradients on
// AᵀAx = Aᵀb, but it suffers less from a large condition number. It keeps
// 2m + 3n numbers; an iteration costs a product with A, one with Aᵀ, and
// 3m + 10n flops.
type LSQR struct{ u, av, v, w, atu []float64 }

// NewLSQR returns a solver for m equations in n unknowns.
func NewLSQR(m, n int) *LSQR {
	return &LSQR{
		u: make([]float64, m), av: make([]float64, m),
		v: make([]float64, n), w: make([]float64, n), atu: make([]float64, n),
	}
}

// Solve sets x to the solution. It ends when the normal residual is small,
//
//	‖Aᵀ(b − Ax)‖ ≤ Tol·‖A‖·‖b − Ax‖   or   ‖b − Ax‖ ≤ Tol·‖b‖
//
// by the recurrences' estimates, ‖A‖ the Frobenius norm of the part of A seen
// so far.
func (s *LSQR) Solve(ctx context.Context, a Map, x, b []float64, l Limits) (Report, error) {
	m, n := len(s.u), len(s.v)
	if len(x) != n || len(b) != m {
		panic(fmt.Sprintf("krylov: LSQR for %d equations in %d unknowns was given x of length %d and b of length %d", m, n, len(x), len(b)))
	}
	l = l.filled(n)
	clear(x)
	beta := s.begin(b)
	if beta == 0 {
		return Report{Converged: true}, nil
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	a.MulT(s.v, s.u)
	alpha := unit(s.v)
	if alpha == 0 { // b is orthogonal to the range
		return Report{Converged: true}, nil
	}
	copy(s.w, s.v)
	size2 := float64(alpha * alpha) // ‖A‖² of what has been seen
	start, phi, rho := beta, beta, alpha
	rep := Report{Residual: 1}
	for rep.Iter < l.Max {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		beta, alpha = s.bidiagonalise(a, alpha)
		r := math.Hypot(rho, beta) // one Givens rotation of the bidiagonal
		c, sn := rho/r, beta/r
		theta := sn * alpha
		for i, w := range s.w {
			x[i] += float64(c * phi / r * w)
		}
		scaleAdd(s.w, -theta/r, 1, s.v)
		rho, phi = -c*alpha, sn*phi
		size2 += float64(alpha*alpha) + float64(beta*beta)
		rep.Iter++
		// ‖b − Ax‖ = phi, ‖Aᵀ(b − Ax)‖ = phi·alpha·|c|
		rep.Residual = math.Min(alpha*math.Abs(c)/math.Sqrt(size2), phi/start)
		if rep.Residual <= l.Tol || phi == 0 {
			rep.Converged = true
			break
		}
	}
	return rep, nil
}

// begin sets u = b/‖b‖ and returns ‖b‖.
func (s *LSQR) begin(b []float64) float64 {
	copy(s.u, b)
	return unit(s.u)
}

// bidiagonalise moves to the next pair, β·u⁺ = Av − αu, α⁺·v⁺ = Aᵀu⁺ − βv.
func (s *LSQR) bidiagonalise(a Map, alpha float64) (beta, next float64) {
	a.Mul(s.av, s.v)
	scaleAdd(s.u, -alpha, 1, s.av)
	beta = unit(s.u)
	a.MulT(s.atu, s.u)
	scaleAdd(s.v, -beta, 1, s.atu)
	return beta, unit(s.v)
}

// unit scales x to length 1, unless it is 0, and returns the length it had.
func unit(x []float64) float64 {
	size := norm(x)
	if size > 0 {
		scale(x, 1/size)
	}
	return size
}
