// Package krylov solves linear systems that are known by their products alone:
// conjugate gradients for a symmetric positive semidefinite matrix, and LSQR
// for least squares with a rectangular one; and it finds the ends of a spectrum
// in the same way, by the method of Lanczos.
//
// A solver is made once for its sizes and then allocates nothing. One of systems
// starts from x = 0; who has a guess asks for the correction to it. It looks at its
// context before each product and returns the context's error.
package krylov

import "math"

// Limits say when a solver stops. Zero fields mean their defaults.
type Limits struct {
	Tol float64 // see the solver; default 1e-12
	Max int     // most iterations; default 4 for each unknown, at least 20
}

func (l Limits) filled(n int) Limits {
	if l.Tol == 0 {
		l.Tol = 1e-12
	}
	if l.Max == 0 {
		l.Max = max(20, 4*n)
	}
	return l
}

// Report says how a solver ended.
type Report struct {
	Iter      int     // iterations taken
	Residual  float64 // estimate of the quantity that Tol bounds
	Converged bool    // Residual ≤ Tol
}

func norm(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}

// scaleAdd sets y = c·y + a·x.
func scaleAdd(y []float64, c, a float64, x []float64) {
	for i, v := range x {
		y[i] = float64(c*y[i]) + float64(a*v)
	}
}

func scale(y []float64, c float64) {
	for i := range y {
		y[i] *= c
	}
}
