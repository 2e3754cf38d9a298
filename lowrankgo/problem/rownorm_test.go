package problem_test

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// rowPenalty is λ Σᵢ (‖xᵢ‖ − α)₊⁴ by the definition, entry by entry: with
// e = (‖x‖ − α)₊ and n = ‖x‖, ∂/∂x_k = 4λe³x_k/n and
//
//	∂²/∂x_k∂x_l = 12λe²x_k·x_l/n² + 4λe³(δ_kl/n − x_k·x_l/n³)
func rowPenalty(lambda, alpha float64, x, d *mat.Dense) (value float64, grad, hess *mat.Dense) {
	rows, r := x.Dims()
	grad, hess = mat.NewDense(rows, r, nil), mat.NewDense(rows, r, nil)
	for i := range rows {
		n := mat.Norm(x.RowView(i), 2)
		e := n - alpha
		if e <= 0 {
			continue
		}
		value += lambda * math.Pow(e, 4)
		for k := range r {
			grad.Set(i, k, 4*lambda*math.Pow(e, 3)*x.At(i, k)/n)
			for l := range r {
				xx := x.At(i, k) * x.At(i, l)
				h := 12*lambda*e*e*xx/(n*n) - 4*lambda*math.Pow(e, 3)*xx/math.Pow(n, 3)
				if k == l {
					h += 4 * lambda * math.Pow(e, 3) / n
				}
				hess.Set(i, k, hess.At(i, k)+h*d.At(i, l))
			}
		}
	}
	return value, grad, hess
}

func rowNormTwin(lu, au, lv, av float64) twin {
	return func(x, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
		v, g, h := rowPenalty(lu, au, x.U, d.U)
		grad, hess := &lr.Factors{U: g}, &lr.Factors{U: h}
		if x.V != nil {
			var w float64
			w, grad.V, hess.V = rowPenalty(lv, av, x.V, d.V)
			v += w
		}
		return v, grad, hess
	}
}

func TestRowNormTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symmetric := rapid.Bool().Draw(t, "symmetric")
		p, seed := drawProblem(t, symmetric)
		number := func(name string) float64 { return rapid.Float64Range(0.05, 3).Draw(t, name) }
		q := problem.RowNorm{Of: p, Lambda: number("λ"), Alpha: number("α")}
		lv, av := q.Lambda, q.Alpha
		if !symmetric && rapid.Bool().Draw(t, "two sides") {
			lv, av = number("λ2"), number("α2")
			q.LambdaV, q.AlphaV = lv, av
		}
		w, err := q.New()
		agree(t, ok(t, w, err), plus(of(t, p), rowNormTwin(q.Lambda, q.Alpha, lv, av)), randomPoint(p, seed, "x"), randomPoint(p, seed, "d"))
	})
}

// At a row of length α, and at a row of 0, all derivatives up to the second
// are exactly 0, and the second is continuous there.
func TestRowNormSeams(t *testing.T) {
	zero := lr.Funcs{
		D1: 3, D2: 2, Rank: 2,
		GradFunc: func(dst, _ *lr.Factors) float64 {
			if dst != nil {
				dst.Scale(0)
			}
			return 0
		},
		HessFunc: func(dst, _, _ *lr.Factors) { dst.Scale(0) },
	}
	w, err := problem.RowNorm{Of: zero, Lambda: 3, Alpha: 5}.New()
	p := ok(t, w, err)
	x := &lr.Factors{U: mat.NewDense(3, 2, []float64{3, 4, 0, 0, 1, 1}), V: mat.NewDense(2, 2, []float64{-4, 3, 0, 5})}
	d := randomPoint(p, 1, "d")
	v, g, h := derivatives(t, p, x, d)
	if v != 0 || g.Norm() != 0 || h.Norm() != 0 {
		t.Errorf("at rows of length α and 0: value %g, gradient %g, Hessian product %g; want 0", v, g.Norm(), h.Norm())
	}
	for _, eps := range []float64{1e-3, 1e-6} {
		y := x.Clone()
		y.Scale(1 + eps)
		_, _, h := derivatives(t, p, y, d)
		if e := 5 * eps; !(h.Norm() <= 100*3*e*e*d.Norm()) {
			t.Errorf("ε = %g beyond α the Hessian product is %g; it should vanish as ε²", eps, h.Norm())
		}
	}
}

// A side whose α is +Inf is left alone.
func TestRowNormOneSide(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 9, Seed: 2})
	w, err := problem.RowNorm{Of: p, Lambda: 2, Alpha: 0.1, AlphaV: math.Inf(1)}.New()
	q := ok(t, w, err)
	x, d := randomPoint(p, 2, "x"), randomPoint(p, 2, "d")
	agree(t, q, plus(of(t, p), rowNormTwin(2, 0.1, 2, 1e9)), x, d)
}

// K(C) is the supremum of ¼[δ:∇²q:δ − 4⟨∇q, δ⟩]/‖δ‖², q = (‖u‖ − 1)₊⁴,
// δ = u − u*, ‖u*‖ ≤ 1/C: a fine search over u = (t, 0) and u* = (a, b) stays
// below it and comes near.
func TestLemmaConstant(t *testing.T) {
	for _, c := range []float64{1, 2, 5, 11, 50} {
		best := 0.0
		for i := range 200 {
			u := 1 + 8*float64(i+1)/200
			for j := range 181 {
				sin, cos := math.Sincos(math.Pi * float64(j) / 180)
				for _, length := range []float64{0, 0.5, 1} {
					best = math.Max(best, lemma11Ratio(u, cos*length/c, sin*length/c))
				}
			}
		}
		if k := problem.LemmaConstant(c); !(best <= k*(1+1e-12)) || best < 0.999*k {
			t.Errorf("C = %g: the search found %.6f, K is %.6f", c, best, k)
		}
	}
	// A row of U* beyond α: the ratio grows without bound as u comes near it.
	if near, far := lemma11Ratio(1.5-1e-6, 1.5, 0), lemma11Ratio(1.5-1e-3, 1.5, 0); near < 100*far {
		t.Errorf("with ‖u*‖ = 1.5 the ratio is %g near u* and %g farther away; want no bound", near, far)
	}
	for _, c := range []float64{0.99, 0, -1, math.NaN()} {
		if k := problem.LemmaConstant(c); !math.IsInf(k, 1) {
			t.Errorf("K(%v) is %v, want +Inf", c, k)
		}
	}
}

func lemma11Ratio(u, a, b float64) float64 {
	x, d := mat.NewDense(1, 2, []float64{u, 0}), mat.NewDense(1, 2, []float64{u - a, -b})
	_, g, h := rowPenalty(1, 1, x, d)
	var dg, dh mat.Dense
	dg.MulElem(d, g)
	dh.MulElem(d, h)
	return (mat.Sum(&dh) - 4*mat.Sum(&dg)) / 4 / ((u-a)*(u-a) + b*b)
}

// theorem is a completion problem with known μ, κ*, σ₁* and its literal.
func theorem(t *testing.T, symmetric bool) problem.RowNormTheorem {
	t.Helper()
	p := made(t, problem.RandomCompletion{D1: 12, D2: map[bool]int{false: 8, true: 12}[symmetric], Rank: 2, P: 0.5, Seed: 3, Symmetric: symmetric})
	truth, _ := lr.TruthOf(p)
	var svd mat.SVD
	if !svd.Factorize(truth.Dense(), mat.SVDThin) {
		t.Fatal("no SVD")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := svd.Values(nil)
	mu := 1.0
	for _, side := range []*mat.Dense{&u, &v} {
		d, _ := side.Dims()
		for i := range d {
			n := mat.Norm(side.Slice(i, i+1, 0, 2), 2)
			mu = math.Max(mu, n*n*float64(d)/2)
		}
	}
	return problem.RowNormTheorem{Of: p, Mu: mu, Kappa: s[0] / s[1], Sigma1: s[0], P: 0.5}
}

// The orders are those of the theorems, and the default constants make Lemma
// 11 hold for the problem's own truth.
func TestRowNormTheorem(t *testing.T) {
	for _, symmetric := range []bool{false, true} {
		th := theorem(t, symmetric)
		th.CAlpha, th.CLambda = 3, 7
		q, err := th.Config()
		q = ok(t, q, err)
		unit := th.Mu * 2 / 12
		near(t, "α", 1e-14, scalar(q.Alpha*q.Alpha), scalar(3*unit*th.Sigma1))
		near(t, "λ", 1e-14, scalar(q.Lambda), scalar(7/(unit*th.Kappa)))
		if symmetric != (q.LambdaV == 0 && q.AlphaV == 0) {
			t.Errorf("symmetric %t: LambdaV %g, AlphaV %g", symmetric, q.LambdaV, q.AlphaV)
		}
		if !symmetric {
			near(t, "α of V", 1e-14, scalar(q.AlphaV*q.AlphaV), scalar(3*th.Mu*2/8*th.Sigma1))
			near(t, "λ of V", 1e-14, scalar(q.LambdaV), scalar(7/(th.Mu*2/8*th.Kappa)))
		}
		ratio, err := q.Lemma11()
		if ok(t, ratio, err) < 1 {
			t.Errorf("symmetric %t: with Cλ = 7 Lemma 11 has ratio %g; want above 1", symmetric, ratio)
		}

		th.CAlpha, th.CLambda = 0, 0
		q, err = th.Config()
		q = ok(t, q, err)
		ratio, err = q.Lemma11()
		if r := ok(t, ratio, err); !(r > 0.1 && r <= 1+1e-12) {
			t.Errorf("symmetric %t: with the default constants Lemma 11 has ratio %g; want at most 1 and not far below", symmetric, r)
		}
		if _, err := th.New(); err != nil {
			t.Error(err)
		}
	}
}

// The defaults do not hang on the problem: for any numbers λα² times K is the
// share of σᵣ* that Lemma 11 may take.
func TestRowNormTheoremShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symmetric := rapid.Bool().Draw(t, "symmetric")
		p, _ := drawProblem(t, symmetric)
		number := func(name string, lo float64) float64 { return rapid.Float64Range(lo, 50).Draw(t, name) }
		th := problem.RowNormTheorem{Of: p, Mu: number("μ", 1), Kappa: number("κ", 1), Sigma1: number("σ1", 0.1), CAlpha: number("Cα", 1)}
		q, err := th.Config()
		q = ok(t, q, err)
		k := problem.LemmaConstant(math.Sqrt(th.CAlpha))
		want := 0.0125 * th.Sigma1 / th.Kappa
		if symmetric {
			want *= 2
		} else {
			near(t, "λα²K of V", 1e-12, scalar(q.LambdaV*q.AlphaV*q.AlphaV*k), scalar(want))
		}
		near(t, "λα²K", 1e-12, scalar(q.Lambda*q.Alpha*q.Alpha*k), scalar(want))
	})
}

func TestSampleConstant(t *testing.T) {
	sym := theorem(t, true)
	got, err := sym.SampleConstant()
	want := 0.5 * 12 / (math.Pow(sym.Mu, 3) * 16 * math.Pow(sym.Kappa, 4) * math.Log(12))
	near(t, "Thm 12", 1e-13, scalar(ok(t, got, err)/want), scalar(1))
	asym := theorem(t, false)
	got, err = asym.SampleConstant()
	want = 0.5 * 8 / (math.Pow(asym.Mu, 4) * 64 * math.Pow(asym.Kappa, 6) * math.Log(12))
	near(t, "Thm 4", 1e-13, scalar(ok(t, got, err)/want), scalar(1))
	asym.P = 0
	if _, err := asym.SampleConstant(); !errors.Is(err, lr.ErrValue) {
		t.Errorf("P = 0: %v", err)
	}
}

// A M* of rank 0 has no σᵣ*.
func TestLemma11OfZero(t *testing.T) {
	p := made(t, problem.Completion{D1: 2, D2: 2, Rank: 1, Rows: []int{0}, Cols: []int{0}, Values: []float64{0}, Truth: lr.NewFactors(2, 2, 1)})
	r, err := problem.RowNorm{Of: p, Lambda: 1, Alpha: 1}.Lemma11()
	if !math.IsInf(ok(t, r, err), 1) {
		t.Errorf("ratio %v, want +Inf", r)
	}
	q := made(t, problem.Completion{D1: 2, D2: 2, Rank: 1, Rows: []int{0}, Cols: []int{0}, Values: []float64{0}})
	if _, err := (problem.RowNorm{Of: q, Lambda: 1, Alpha: 1}).Lemma11(); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("without a truth: %v", err)
	}
}

// What Q adds to the curvature along Δ = U − U*R is at most Lemma11's ratio of
// what it may add, for any point and any orthogonal R: rows of U*R are as long
// as those of U*. Asymmetric problems are held to it through their lift, where
// Q is four times as large and σᵣ(N*) is 2σᵣ*.
func TestLemma11Holds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		symmetric := rapid.Bool().Draw(t, "symmetric")
		p, seed := drawProblem(t, symmetric)
		q := problem.RowNorm{Of: p, Lambda: rapid.Float64Range(0.01, 1).Draw(t, "λ"), Alpha: rapid.Float64Range(0.5, 6).Draw(t, "α")}
		bound, err := q.Lemma11()
		if ok(t, bound, err); math.IsInf(bound, 1) {
			t.Skip("a row of U* is longer than α")
		}
		w, err := q.New()
		with, without := lr.Problem(ok(t, w, err)), lr.Problem(p)
		truth, _ := lr.TruthOf(p)
		if !symmetric {
			with, without = lifted(t, with), lifted(t, without)
			truth, _ = lr.TruthOf(with)
		}
		x := randomPoint(with, seed, "x")
		x.Scale(rapid.Float64Range(0.1, 8).Draw(t, "size"))
		delta := x.Clone()
		delta.AddScaled(-1, truth)
		_, g, h := derivatives(t, with, x, delta)
		_, g0, h0 := derivatives(t, without, x, delta)
		got := (delta.Dot(h) - delta.Dot(h0) - 4*(delta.Dot(g)-delta.Dot(g0))) / 4
		sigma := leastSingular(t, truth)
		rounding := 1e-12 * (math.Abs(delta.Dot(h)) + math.Abs(delta.Dot(g)))
		if limit := bound * 0.025 * sigma * delta.Dot(delta); got > limit+rounding {
			t.Fatalf("Q adds %g, more than %g", got, limit)
		}
	})
}

// leastSingular is σᵣ(UUᵀ) = σᵣ(U)².
func leastSingular(t fataler, x *lr.Factors) float64 {
	var svd mat.SVD
	if !svd.Factorize(x.U, mat.SVDNone) {
		t.Fatalf("no SVD")
	}
	s := svd.Values(nil)
	return s[len(s)-1] * s[len(s)-1]
}

// A side that is left alone takes no share of what Lemma 11 allows.
func TestLemma11OneSide(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 9, Seed: 2})
	both, err := problem.RowNorm{Of: p, Lambda: 1, Alpha: 9, LambdaV: 100}.Lemma11()
	one, err2 := problem.RowNorm{Of: p, Lambda: 1, Alpha: 9, AlphaV: math.Inf(1)}.Lemma11()
	if !(ok(t, one, err) < ok(t, both, err2)) || one <= 0 {
		t.Errorf("ratio %g without V, %g with a heavy penalty on V", one, both)
	}
}
