package problem_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestFactorisationLoops compares with ½ Σ (M_ij − A_ij)² by plain loops, for
// an A of any rank and sign.
func TestFactorisationLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		a := lr.NormalMatrix(lr.Stream(s.seed, "A"), s.d1, s.d2)
		if s.symmetric {
			a = symmetrised(a)
		}
		p, err := problem.Factorisation{A: a, Rank: s.r, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, p, naiveMatrix(func(m, d *mat.Dense) (float64, *mat.Dense, *mat.Dense) {
			m.Sub(m, a)
			return frobenius(m, m) / 2, m, d
		}).eval, s.seed)
		checkMinimiser(t, p, a, s)
	})
}

// checkMinimiser holds the truth to Eckart and Young: it is critical, and its
// value is half the sum of the squares of what a rank r must leave out.
func checkMinimiser(t *rapid.T, p *problem.Quadratic, a *mat.Dense, s shape) {
	t.Helper()
	var values []float64 // descending
	if s.symmetric {
		sym := mat.NewSymDense(s.d1, nil)
		for i := range s.d1 {
			for j := range i + 1 {
				sym.SetSym(i, j, a.At(i, j))
			}
		}
		var eig mat.EigenSym
		if !eig.Factorize(sym, false) {
			t.Fatal("no eigenvalues")
		}
		for _, v := range eig.Values(nil) {
			values = append([]float64{v}, values...)
		}
	} else {
		var svd mat.SVD
		if !svd.Factorize(a, mat.SVDNone) {
			t.Fatal("no singular values")
		}
		values = svd.Values(nil)
	}
	var least float64
	kept := 0
	for k, v := range values {
		if k < s.r && v > 0 {
			kept++
		} else {
			least += v * v / 2
		}
	}
	truth, ok := lr.TruthOf(p)
	if ok != (kept > 0) {
		t.Fatalf("a truth %t with %d of %g kept", ok, kept, values)
	}
	if !ok {
		return
	}
	if truth.Rank() != kept {
		t.Fatalf("the minimiser has rank %d, want %d of %g", truth.Rank(), kept, values)
	}
	x := lr.NewPoint(p)
	pad(x.U, truth.U)
	if x.V != nil {
		pad(x.V, truth.V)
	}
	g := lr.NewPoint(p)
	near(t, "least value", 1e-12, scalar(p.NewEval().Grad(g, x)), scalar(least))
	if g.Norm() > 1e-11*(1+values[0]*math.Sqrt(math.Abs(values[0]))) {
		t.Fatalf("‖∇f‖ = %g at the minimiser of %g", g.Norm(), values)
	}
}

// pad copies a into the first columns of dst.
func pad(dst, a *mat.Dense) {
	for i := range a.RawMatrix().Rows {
		copy(dst.RawRowView(i), a.RawRowView(i))
	}
}

// An A whose best approximation is 0 has no truth: errors relative to it would
// mean nothing.
func TestFactorisationOfNothing(t *testing.T) {
	for _, f := range []problem.Factorisation{
		{A: mat.NewDense(3, 3, nil), Rank: 1},
		{A: mat.NewDiagDense(2, []float64{-1, -2}), Rank: 1, Symmetric: true},
	} {
		if _, ok := lr.TruthOf(made(t, f)); ok {
			t.Errorf("a truth for A = %v", mat.Formatted(f.A))
		}
	}
	given := &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 0})}
	p := made(t, problem.Factorisation{A: mat.NewDiagDense(2, []float64{4, 1}), Rank: 1, Symmetric: true, Truth: given})
	if !p.Truth().Equal(given) {
		t.Error("the truth given was replaced")
	}
	big := made(t, problem.Factorisation{A: mat.NewDense(1001, 1001, nil), Rank: 1})
	if _, ok := lr.TruthOf(big); ok {
		t.Error("a matrix above the limit was decomposed")
	}
}

// The critical points of a factorisation are the choices of eigenpairs; any
// other than the r largest is a saddle, with curvature −2(λ_r − λ_{r+1}) where
// one pair is swapped.
func TestFactorisationSaddle(t *testing.T) {
	p := made(t, problem.Factorisation{A: mat.NewDiagDense(3, []float64{5, 2, 1}), Rank: 1, Symmetric: true})
	h, _ := lr.HessVecOf(p)
	x, d := lr.NewPoint(p), lr.NewPoint(p)
	x.U.Set(1, 0, math.Sqrt2)
	d.U.Set(0, 0, 1)
	g, hd := lr.NewPoint(p), lr.NewPoint(p)
	h.Grad(g, x)
	h.HessVec(hd, x, d)
	if g.Norm() > 1e-14 || math.Abs(d.Dot(hd)+2*(5-2)) > 1e-13 {
		t.Errorf("‖∇f‖ = %g, curvature %g; want 0 and −6", g.Norm(), d.Dot(hd))
	}
}
