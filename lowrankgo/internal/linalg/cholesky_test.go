package linalg

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestCholesky compares with gonum's factor and with the definition of its
// three results.
func TestCholesky(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		b := normal(rng, n+3, n)
		var a mat.SymDense
		a.SymOuterK(1, b.T())
		l := make([]float64, n*n)
		for i := range n {
			for j := range n {
				l[i*n+j] = math.NaN() // above the diagonal nothing is read
				if j <= i {
					l[i*n+j] = a.At(i, j)
				}
			}
		}
		ratio := Cholesky(l, n)
		var want mat.Cholesky
		if !want.Factorize(&a) {
			t.Skip("singular")
		}
		var lower mat.TriDense
		want.LTo(&lower)
		for i := range n {
			for j := range n {
				if j > i {
					if !math.IsNaN(l[i*n+j]) {
						t.Fatalf("entry (%d, %d) above the diagonal was written", i, j)
					}
				} else if e := math.Abs(l[i*n+j] - lower.At(i, j)); e > 1e-9*mat.Norm(&a, 2) {
					t.Fatalf("L(%d, %d) is off by %g", i, j, e)
				}
			}
		}
		if ratio < 0.999/want.Cond() || ratio > 1 { // gonum's condition number is in another norm, which is larger
			t.Fatalf("pivot ratio %g, condition number %g", ratio, want.Cond())
		}
		x := normal(rng, 1, n).RawRowView(0)
		rhs := mat.NewVecDense(n, nil)
		rhs.MulVec(&a, mat.NewVecDense(n, append([]float64(nil), x...)))
		got := rhs.RawVector().Data
		SolveLower(l, n, got)
		SolveUpper(l, n, got)
		for i := range x {
			if math.Abs(got[i]-x[i]) > 1e-12*want.Cond()*(1+math.Abs(x[i])) {
				t.Fatalf("x%d = %g, want %g", i, got[i], x[i])
			}
		}
	})
}

func TestCholeskyRefuses(t *testing.T) {
	for name, a := range map[string][]float64{
		"zero":       {0, 0, 0, 0},
		"singular":   {1, 0, 1, 1},
		"indefinite": {1, 0, 2, 1},
		"NaN":        {1, 0, math.NaN(), 1},
		"infinite":   {math.Inf(1), 0, 0, 1},
	} {
		if got := Cholesky(a, 2); got != 0 {
			t.Errorf("%s: pivot ratio %g, want 0", name, got)
		}
	}
}

// TestRowQR compares with the pseudo-inverse by gonum's SVD, for every shape
// and rank.
func TestRowQR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 14).Draw(t, "m"), rapid.IntRange(1, 8).Draw(t, "n")
		rank := rapid.IntRange(1, min(m, n)).Draw(t, "rank")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var a mat.Dense
		a.Mul(normal(rng, m, rank), normal(rng, rank, n))
		b := normal(rng, m, 1)
		q := NewRowQR(n)
		q.Add(make([]float64, n), 3) // forgotten by Reset
		q.Add(normal(rng, 1, n).RawRowView(0), 1)
		q.Reset()
		for i := range m {
			q.Add(a.RawRowView(i), b.At(i, 0))
		}
		got := make([]float64, n)
		q.Solve(got)

		var svd mat.SVD
		if !svd.Factorize(&a, mat.SVDThin) {
			t.Skip("no SVD")
		}
		var want mat.Dense
		svd.SolveTo(&want, b, rank)
		sigma := svd.Values(nil)
		cond := sigma[0] / sigma[rank-1]
		if cond > 1e6 {
			t.Skip("nearly of lower rank")
		}
		size := mat.Norm(&want, 2)
		for i, v := range got {
			if e := math.Abs(v - want.At(i, 0)); !(e <= 1e-13*cond*cond*(1+size)) {
				t.Fatalf("x%d = %g, want %g (rank %d, condition number %g)", i, v, want.At(i, 0), rank, cond)
			}
		}
	})
}

// TestRowQRIsNotSquared is why it exists: at a condition number of 1e9 the
// normal equations have no right digit left, this has six.
func TestRowQRIsNotSquared(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	a := normal(rng, 30, 4)
	for i := range 30 {
		a.Set(i, 3, a.At(i, 0)+1e-9*a.At(i, 3))
	}
	x := []float64{1, 2, 3, 4}
	b := mat.NewVecDense(30, nil)
	b.MulVec(a, mat.NewVecDense(4, x))
	q, got := NewRowQR(4), make([]float64, 4)
	for i := range 30 {
		q.Add(a.RawRowView(i), b.AtVec(i))
	}
	q.Solve(got)
	for i := range x {
		if math.Abs(got[i]-x[i]) > 1e-6 {
			t.Errorf("x%d = %.10g, want %g", i, got[i], x[i])
		}
	}
}

func TestRowQRWithoutRows(t *testing.T) {
	q, x := NewRowQR(3), []float64{1, 2, 3}
	q.Solve(x)
	for i, v := range x {
		if v != 0 {
			t.Errorf("x%d = %g, want 0", i, v)
		}
	}
}

func TestSmallSolversAllocateNothing(t *testing.T) {
	a, b := []float64{4, 0, 1, 3}, []float64{1, 2}
	q, x := NewRowQR(2), make([]float64, 2)
	if n := testing.AllocsPerRun(50, func() {
		l := [4]float64(a)
		Cholesky(l[:], 2)
		SolveLower(l[:], 2, b)
		SolveUpper(l[:], 2, b)
		q.Reset()
		q.Add(a[:2], 1)
		q.Add(a[2:], 2)
		q.Solve(x)
	}); n > 0 {
		t.Errorf("%g allocations, want none", n)
	}
}
