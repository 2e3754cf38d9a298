package problem_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// naiveMatrix is f(UVᵀ) by the chain rule with dense matrices and plain loops:
// G = ∇f(M), K = ∇²f(M)[D].
type naiveMatrix func(m, d *mat.Dense) (value float64, g, k *mat.Dense)

func (n naiveMatrix) eval(x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	grad, hess = x.Clone(), x.Clone()
	grad.Scale(0)
	hess.Scale(0)
	along := (&lr.Factors{U: d.U, V: x.Right()}).Dense()
	along.Add(along, (&lr.Factors{U: x.U, V: d.Right()}).Dense())
	value, g, k := n(x.Dense(), along)
	addThin(1, g, x.U, x.Right(), grad.U, grad.Right())
	addThin(1, k, x.U, x.Right(), hess.U, hess.Right())
	addThin(1, g, d.U, d.Right(), hess.U, hess.Right())
	return value, grad, hess
}

// applied is H(X) for an H on row-major vec.
func applied(h, x *mat.Dense) *mat.Dense {
	d1, d2 := x.Dims()
	out := mat.NewDense(d1, d2, nil)
	for a := range d1 * d2 {
		for b := range d1 * d2 {
			out.Set(a/d2, a%d2, out.At(a/d2, a%d2)+h.At(a, b)*x.At(b/d2, b%d2))
		}
	}
	return out
}

// TestGeneralLoops compares with plain loops over an H of any sign that does
// not keep symmetric matrices symmetric.
func TestGeneralLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		w := rapid.Float64Range(0.1, 9).Draw(t, "weight")
		k := rapid.IntRange(1, min(s.d1, s.d2)).Draw(t, "rank of M*")
		n := s.d1 * s.d2
		h := symmetrised(lr.NormalMatrix(lr.Stream(s.seed, "H"), n, n))
		form, err := operator.DenseForm{D1: s.d1, D2: s.d2, H: h}.New()
		if err != nil {
			t.Fatal(err)
		}
		truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(s.seed, "U*"), s.d1, k)}
		if !s.symmetric || rapid.Bool().Draw(t, "any M*") {
			truth.V = lr.NormalMatrix(lr.Stream(s.seed, "V*"), s.d2, k)
		}
		p, err := problem.General{Form: form, Truth: truth, Rank: s.r, Weight: w, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, p, naiveMatrix(func(m, d *mat.Dense) (float64, *mat.Dense, *mat.Dense) {
			m.Sub(m, truth.Dense())
			g := applied(h, m)
			return w / 2 * frobenius(m, g), times(w, g), times(w, applied(h, d))
		}).eval, s.seed)
	})
}

func frobenius(a, b *mat.Dense) float64 {
	var s float64
	r, c := a.Dims()
	for i := range r {
		for j := range c {
			s += a.At(i, j) * b.At(i, j)
		}
	}
	return s
}

// Sensing with the scale 1/(2m) is General with the form 𝒜*𝒜/m.
func TestGeneralIsSensing(t *testing.T) {
	for _, symmetric := range []bool{false, true} {
		q := made(t, problem.GaussianSensing{D1: 6, D2: 6, Rank: 2, M: 30, Seed: 1, Scale: problem.ScaleMean, Symmetric: symmetric})
		form, err := operator.GramForm{Operator: q.Operator()}.New()
		if err != nil {
			t.Fatal(err)
		}
		p := must(t)(problem.General{Form: form, Truth: q.Truth(), Rank: 2, Symmetric: symmetric}.New())
		compare(t, p, func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) { return allOf(q, x, d) }, 4)
	}
}

func allOf(p lr.Problem, x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	h, _ := lr.HessVecOf(p)
	grad, hess = lr.NewPoint(p), lr.NewPoint(p)
	value = h.Grad(grad, x)
	h.HessVec(hess, x, d)
	return value, grad, hess
}

// TestFunctionLoops compares a general f, with its Hessian and with the
// quadratic form alone, with the chain rule.
func TestFunctionLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		f := entrywise(s.d1, s.d2, s.r, rising)
		f.Symmetric = s.symmetric
		want := naiveMatrix(func(m, d *mat.Dense) (float64, *mat.Dense, *mat.Dense) {
			g, k := mat.DenseCopyOf(m), mat.DenseCopyOf(m)
			f.Grad(g, m)
			f.Hess(k, m, d)
			return f.F(m), g, k
		})
		for _, f := range []problem.Function{f, polar(f, rising)} {
			p, err := f.New()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, p, want.eval, s.seed)
		}
	})
}

// A polarised form loses few digits also where D is far larger than the pairs.
func TestPolarisedScales(t *testing.T) {
	f := entrywise(5, 4, 2, rising)
	x, d := point(5, 4, 2, "x"), point(5, 4, 2, "d")
	d.Scale(1e6)
	d.V.Scale(1e-9, d.V)
	_, _, want := allOf(must(t)(f.New()), x, d)
	_, _, got := allOf(must(t)(polar(f, rising).New()), x, d)
	nearFactors(t, "Hessian product", 1e-13, got, want)
}

func point(d1, d2, r int, name string) *lr.Factors {
	return &lr.Factors{U: normal(name+" U", d1, r), V: normal(name+" V", d2, r)}
}

// A function without second derivatives has what it has.
func TestFunctionAbilities(t *testing.T) {
	f := entrywise(4, 3, 2, rising)
	f.Hess, f.Truth, f.Name = nil, point(4, 3, 1, "truth"), "cosh"
	p := must(t)(f.New())
	_, hess := lr.HessVecOf(p)
	_, mul := lr.MulGradOf(p)
	_, batches := lr.BatchesOf(p)
	_, truth := lr.TruthOf(p)
	_, least := lr.LeastSquaresOf(p)
	if hess || !mul || batches || !truth || least {
		t.Errorf("HessVec %t, MulGrad %t, Batches %t, Truth %t, LeastSquares %t", hess, mul, batches, truth, least)
	}
	if got, want := p.(*problem.Objective).String(), "Function(cosh of 4×3, rank 2, M = UVᵀ, weight 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCounterexample finds what the family promises of x̂: a critical point
// with Hessian eigenvalues 2ε and at least 2, and a truth of value 0.
func TestCounterexample(t *testing.T) {
	for _, d := range []int{2, 3, 5} {
		for _, eps := range []float64{-0.5, 0, 0.25} {
			p, err := problem.Counterexample{Epsilon: eps, D: d, Rotate: true, Seed: 3}.New()
			if err != nil {
				t.Fatal(err)
			}
			x, hess := p.Instance.Spurious, mat.NewSymDense(d, nil)
			h, _ := lr.HessVecOf(p)
			g, e := lr.NewPoint(p), lr.NewPoint(p)
			value := h.Grad(g, x)
			for j := range d {
				e.U.Zero()
				e.U.Set(j, 0, 1)
				out := lr.NewPoint(p)
				h.HessVec(out, x, e)
				for i := range j + 1 {
					hess.SetSym(i, j, out.U.At(i, 0))
				}
			}
			var eig mat.EigenSym
			if !eig.Factorize(hess, false) {
				t.Fatal("no eigenvalues")
			}
			got := eig.Values(nil)
			if math.Abs(value-1.5) > 1e-14 || g.Norm() > 1e-13 || math.Abs(got[0]-2*eps) > 1e-13 || got[1] < 2-1e-13 {
				t.Errorf("d = %d, ε = %g: f = %g, ‖∇f‖ = %g, eigenvalues %g", d, eps, value, g.Norm(), got)
			}
			if math.Abs(got[d-1]-8) > 1e-12 {
				t.Errorf("d = %d, ε = %g: the largest eigenvalue is %g, want 8", d, eps, got[d-1])
			}
			if v := h.Grad(nil, p.Truth()); v > 1e-28 {
				t.Errorf("d = %d, ε = %g: f(z) = %g", d, eps, v)
			}
		}
	}
	p, err := problem.Counterexample{Epsilon: 0.1}.New()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.String(), "Sensing(Counterexample(ε = 0.1, d = 2, 3 measurements, δ = 0.5122), rank 1, M = UUᵀ, weight 2)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
