package krylov

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func normal(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range m.RawMatrix().Data {
		m.RawMatrix().Data[i] = rng.NormFloat64()
	}
	return m
}

func column(x []float64) *mat.VecDense { return mat.NewVecDense(len(x), x) }

func dense(a *mat.Dense) Map {
	return Map{
		Mul:  func(dst, x []float64) { column(dst).MulVec(a, column(x)) },
		MulT: func(dst, y []float64) { column(dst).MulVec(a.T(), column(y)) },
	}
}

// drawn is an m×n matrix of the rank given and condition number below 100.
func drawn(t *rapid.T, m, n, rank int) (*mat.Dense, *mat.SVD) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	var a mat.Dense
	a.Mul(normal(rng, m, rank), normal(rng, rank, n))
	var svd mat.SVD
	if !svd.Factorize(&a, mat.SVDThin) {
		t.Skip("no SVD")
	}
	if s := svd.Values(nil); s[0] > 100*s[rank-1] {
		t.Skip("ill-conditioned")
	}
	return &a, &svd
}

func near(t *rapid.T, what string, got []float64, want mat.Matrix, tol float64) {
	size := mat.Norm(want, 2)
	for i, v := range got {
		if e := math.Abs(v - want.At(i, 0)); !(e <= tol*(1+size)) {
			t.Fatalf("%s: x%d = %g, want %g", what, i, v, want.At(i, 0))
		}
	}
}

// TestLSQR compares with the pseudo-inverse by a dense SVD: more equations than
// unknowns, fewer, and deficient rank.
func TestLSQR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 20).Draw(t, "m"), rapid.IntRange(1, 20).Draw(t, "n")
		rank := rapid.IntRange(1, min(m, n)).Draw(t, "rank")
		a, svd := drawn(t, m, n, rank)
		b := normal(rand.New(rand.NewPCG(1, 1)), m, 1)
		var want mat.Dense
		svd.SolveTo(&want, b, rank)
		x := make([]float64, n)
		rep, err := NewLSQR(m, n).Solve(context.Background(), dense(a), x, b.RawMatrix().Data, Limits{Max: 400})
		if err != nil || !rep.Converged {
			t.Fatalf("%+v, %v", rep, err)
		}
		near(t, "LSQR", x, &want, 1e-8)
	})
}

// TestCG compares with the pseudo-inverse of a positive semidefinite matrix.
func TestCG(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		rank := rapid.IntRange(1, n).Draw(t, "rank")
		a, _ := drawn(t, n+2, n, rank)
		var s mat.Dense
		s.Mul(a.T(), a)
		b := mat.NewVecDense(n, nil) // in the range
		b.MulVec(&s, column(normal(rand.New(rand.NewPCG(1, 1)), n, 1).RawMatrix().Data))
		var svd mat.SVD
		if !svd.Factorize(&s, mat.SVDThin) {
			t.Skip("no SVD")
		}
		var want mat.Dense
		svd.SolveTo(&want, b, rank)
		x := make([]float64, n)
		rep, err := NewCG(n).Solve(context.Background(), dense(&s).Mul, x, b.RawVector().Data, Limits{Max: 400})
		if err != nil || !rep.Converged {
			t.Fatalf("%+v, %v", rep, err)
		}
		near(t, "CG", x, &want, 1e-6)
	})
}

// The iterates of LSQR are those of CG on the normal equations, in exact
// arithmetic: after three of them both are at the same point.
func TestLSQRIsCGOnNormalEquations(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	a, b := normal(rng, 15, 8), normal(rng, 15, 1).RawMatrix().Data
	x, y, atb := make([]float64, 8), make([]float64, 8), make([]float64, 8)
	column(atb).MulVec(a.T(), column(b))
	var s mat.Dense
	s.Mul(a.T(), a)
	if _, err := NewLSQR(15, 8).Solve(context.Background(), dense(a), x, b, Limits{Max: 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := NewCG(8).Solve(context.Background(), dense(&s).Mul, y, atb, Limits{Max: 3}); err != nil {
		t.Fatal(err)
	}
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-12 {
			t.Errorf("x%d: LSQR %g, CG %g", i, x[i], y[i])
		}
	}
}

// The estimate that ends LSQR is the true normal residual.
func TestLSQREstimate(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	a, b := normal(rng, 30, 12), normal(rng, 30, 1)
	for k := 1; k <= 8; k++ {
		x := make([]float64, 12)
		rep, err := NewLSQR(30, 12).Solve(context.Background(), dense(a), x, b.RawMatrix().Data, Limits{Max: k})
		if err != nil || rep.Iter != k || rep.Converged {
			t.Fatalf("%+v, %v", rep, err)
		}
		var r, n mat.VecDense
		r.MulVec(a, column(x))
		r.SubVec(column(b.RawMatrix().Data), &r)
		n.MulVec(a.T(), &r)
		// The estimate divides by the part of ‖A‖ seen so far, which is smaller.
		if want := mat.Norm(&n, 2) / mat.Norm(&r, 2); rep.Residual < 0.99*want/mat.Norm(a, 2) || rep.Residual*math.Sqrt(float64(k)) > 20*want {
			t.Errorf("after %d iterations the estimate is %g, the true one %g over ‖A‖ = %g", k, rep.Residual, want, mat.Norm(a, 2))
		}
	}
}

func TestNothingToDo(t *testing.T) {
	a := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})
	for name, b := range map[string][]float64{"zero": {0, 0, 0}, "orthogonal to the range": {0, 0, 5}} {
		x := []float64{7, 7}
		rep, err := NewLSQR(3, 2).Solve(context.Background(), dense(a), x, b, Limits{})
		if err != nil || !rep.Converged || rep.Iter != 0 || x[0] != 0 || x[1] != 0 {
			t.Errorf("LSQR, %s: %+v, %v, x = %v; want 0 at once", name, rep, err, x)
		}
	}
	x := []float64{7, 7}
	rep, err := NewCG(2).Solve(context.Background(), nil, x, []float64{0, 0}, Limits{})
	if err != nil || !rep.Converged || rep.Iter != 0 || x[0] != 0 || x[1] != 0 {
		t.Errorf("CG: %+v, %v, x = %v; want 0 at once", rep, err, x)
	}
}

// CG on a matrix that is not positive semidefinite ends with what it has.
func TestNoCurvature(t *testing.T) {
	a := mat.NewDense(2, 2, []float64{1, 0, 0, -1})
	x := make([]float64, 2)
	rep, err := NewCG(2).Solve(context.Background(), dense(a).Mul, x, []float64{1, 1}, Limits{})
	if err != nil || rep.Converged || rep.Iter != 0 {
		t.Errorf("%+v, %v; want an end without convergence", rep, err)
	}
}

func TestCanceled(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	a, b := normal(rng, 20, 10), normal(rng, 20, 1).RawMatrix().Data
	for after := range 4 {
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		count := func(f func(dst, x []float64)) func(dst, x []float64) {
			return func(dst, x []float64) {
				if calls++; calls > after {
					cancel()
				}
				f(dst, x)
			}
		}
		m := dense(a)
		_, err := NewLSQR(20, 10).Solve(ctx, Map{count(m.Mul), count(m.MulT)}, make([]float64, 10), b, Limits{})
		if !errors.Is(err, context.Canceled) || calls > after+2 {
			t.Errorf("LSQR: %v after %d products, %d after the end", err, calls, calls-after)
		}
		var s mat.Dense
		s.Mul(a.T(), a)
		ctx, cancel = context.WithCancel(context.Background())
		calls = 0
		_, err = NewCG(10).Solve(ctx, count(dense(&s).Mul), make([]float64, 10), b[:10], Limits{})
		if !errors.Is(err, context.Canceled) || calls > after+1 {
			t.Errorf("CG: %v after %d products", err, calls)
		}
		cancel()
	}
}

func TestAllocations(t *testing.T) {
	a := []float64{2, 1, 0, 1, 3, 1, 0, 1, 4}
	mul := func(dst, x []float64) {
		for i := range dst {
			dst[i] = a[3*i]*x[0] + a[3*i+1]*x[1] + a[3*i+2]*x[2]
		}
	}
	x, b := make([]float64, 3), []float64{1, 2, 3}
	c, l := NewCG(3), NewLSQR(3, 3)
	ctx := context.Background()
	if n := testing.AllocsPerRun(20, func() {
		_, _ = c.Solve(ctx, mul, x, b, Limits{})
		_, _ = l.Solve(ctx, Map{mul, mul}, x, b, Limits{})
	}); n > 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

func TestWrongLengths(t *testing.T) {
	for name, f := range map[string]func(){
		"CG x": func() {
			_, _ = NewCG(2).Solve(context.Background(), nil, make([]float64, 3), make([]float64, 2), Limits{})
		},
		"CG b": func() {
			_, _ = NewCG(2).Solve(context.Background(), nil, make([]float64, 2), make([]float64, 1), Limits{})
		},
		"LSQR x": func() {
			_, _ = NewLSQR(3, 2).Solve(context.Background(), Map{}, make([]float64, 3), make([]float64, 3), Limits{})
		},
		"LSQR b": func() {
			_, _ = NewLSQR(3, 2).Solve(context.Background(), Map{}, make([]float64, 2), make([]float64, 2), Limits{})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
