package landscape

import (
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestLiftIdentityVectors(t *testing.T) {
	for _, c := range liftVectors(t, "lemma16") {
		t.Run(c.Name, func(t *testing.T) {
			l, err := LiftIdentity(c.quarter(t), rowsFactors(c.U, c.V), 0.5)
			noError(t, err)
			if c.Unique {
				matrixNear(t, "Δ", stacked(l.Alignment.Delta), c.Delta)
			}
			for _, n := range []struct {
				what      string
				got, want float64
			}{
				{"Δ:∇²f:Δ", l.Curvature, c.Lhs},
				{"D:H:D", l.DHD, c.DHD},
				{"(N−N*):H:(N−N*)", l.EHE, c.EHE},
				{"⟨∇f, Δ⟩", l.GradDotDelta, c.GradDotDelta},
				{"Δ:∇²Q:Δ", l.QCurvature, c.QCurvature},
				{"⟨∇Q, Δ⟩", l.QGradDotD, c.QGradDotDelta},
				{"cross", l.Cross, c.Cross},
				{"the inequality's right side", l.Inequality.Right, c.RhsInequality},
				{"the equality's right side", l.Equality.Right, c.RhsEquality},
			} {
				vectorNear(t, n.what, n.got, n.want)
			}
			if !l.Inequality.Holds(1e-10) || !l.Equality.Holds(1e-12) {
				t.Errorf("%v\n%v", l.Inequality, l.Equality)
			}
		})
	}
}

// whole is G·I of a form at N, and N:H:N.
func whole(h lr.Form, n *mat.Dense) (*mat.Dense, float64) {
	d, _ := n.Dims()
	eye := mat.NewDense(d, d, nil)
	for i := range d {
		eye.Set(i, i, 1)
	}
	e, g := h.NewEval(), mat.NewDense(d, d, nil)
	value := e.Apply(n, eye)
	e.Mul(g, 0, false, eye)
	return g, value
}

// TestLiftFormVectors holds H1(N), 𝒢(N), H(N) and the norms of Lemma 16's
// second half.
func TestLiftFormVectors(t *testing.T) {
	for _, c := range liftVectors(t, "lemma16") {
		t.Run(c.Name, func(t *testing.T) {
			x, m := rowsFactors(c.U, c.V), rowsMatrix(c.Mstar)
			d1, d2 := m.Dims()
			h0, err := operator.DenseForm{D1: d1, D2: d2, H: rowsMatrix(c.H0)}.New()
			noError(t, err)
			h1, err := LiftForm(h0)
			noError(t, err)
			g, err := BalanceForm(d1, d2)
			noError(t, err)
			h, err := LiftedForm(h0)
			noError(t, err)
			n := rowsMatrix(c.N)
			for _, f := range []struct {
				h     lr.Form
				at    [][]float64
				value float64
			}{{h1, c.H1N, c.NH1N}, {g, c.GN, c.NGN}, {h, c.HN, c.NHN}} {
				got, value := whole(f.h, n)
				matrixNear(t, fmt.Sprint(f.h), got, f.at)
				vectorNear(t, fmt.Sprint("N:H:N of ", f.h), value, f.value)
			}
			svd, err := thinSVD(m)
			noError(t, err)
			truth := &lr.Factors{U: m, V: mat.NewDense(d2, d2, nil)}
			for j := range d2 {
				truth.V.Set(j, j, 1)
			}
			l, err := LiftIsometry(h0, x, truth)
			if len(svd.s) > x.Rank() && svd.s[x.Rank()] > 1e-9 {
				t.Fatalf("the truth has rank above %d: %v", x.Rank(), err)
			}
			noError(t, err)
			for _, v := range []struct {
				what      string
				got, want float64
			}{
				{"N:H:N", l.NHN, c.NHN}, {"‖N‖²", l.NormN, c.NNorm},
				{"M:H0:M", l.MHM, c.MHM}, {"‖M‖²", l.NormM, c.MNorm},
				{"E:H:E", l.DHD, c.EHE}, {"‖N−N*‖²", l.NormD, c.LiftedErrorNorm},
				{"E:H0:E", l.EHE, c.ErrorForm}, {"‖E‖²", l.NormE, c.ErrorNorm},
			} {
				vectorNear(t, v.what, v.got, v.want)
			}
			for _, check := range []Check{l.Identity, l.IdentityError, l.Point, l.Error} {
				if !check.Holds(1e-12) {
					t.Error(check)
				}
			}
		})
	}
}

// symmetricRandom is a random self-adjoint H0, not positive, on vec.
func symmetricRandom(seed uint64, n int) *mat.Dense {
	a := lr.NormalMatrix(lr.Stream(seed, "H0"), n, n)
	var h mat.Dense
	h.Add(a, a.T())
	return &h
}

// drawLift draws a problem with any form, weight, Balance and row penalty, and
// the μ of its Balance.
func drawLift(t *rapid.T, top int) (p lr.Problem, mu float64, s drawnSize) {
	s = drawnSize{d1: rapid.IntRange(1, top).Draw(t, "d1"), d2: rapid.IntRange(1, top).Draw(t, "d2"), seed: rapid.Uint64().Draw(t, "seed")}
	s.r = rapid.IntRange(1, min(s.d1, s.d2)).Draw(t, "r")
	rng := lr.Stream(s.seed, "problem")
	h, err := operator.DenseForm{D1: s.d1, D2: s.d2, H: symmetricRandom(s.seed, s.d1*s.d2)}.New()
	if err == nil {
		p, err = problem.General{
			Form: h, Rank: s.r, Weight: rapid.SampledFrom([]float64{1, 0.3, 4}).Draw(t, "w"),
			Truth: normalFactors(rng, s.d1, s.d2, rapid.IntRange(1, s.r).Draw(t, "r*")),
		}.New()
	}
	if mu = rapid.SampledFrom([]float64{0, 0.5, 3}).Draw(t, "mu"); err == nil && mu > 0 {
		p, err = problem.Balance{Of: p, Mu: mu}.New()
	}
	if err == nil && rapid.Bool().Draw(t, "row norm") {
		p, err = problem.RowNorm{Of: p, Lambda: 0.4, Alpha: 0.6}.New()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, mu, s
}

// TestLiftIdentityHolds: the equality is exact for any H0, w, μ and Q, at any
// point, also of smaller rank, 0 and at the truth; the inequality follows.
func TestLiftIdentityHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, mu, s := drawLift(t, 7)
		rng := lr.Stream(s.seed, "point")
		x := normalFactors(rng, s.d1, s.d2, s.r)
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 3: // near the solutions, or at one
			truth, _ := lr.TruthOf(p)
			b, _, err := LiftExtremes(truth)
			if err != nil {
				t.Fatal(err)
			}
			x.Scale(math.Pow(10, rapid.Float64Range(-17, 0).Draw(t, "log distance")))
			for i := range s.d1 {
				for k, v := range b.U.RawRowView(i) {
					x.U.Set(i, k, x.U.At(i, k)+v)
				}
			}
			for j := range s.d2 {
				for k, v := range b.V.RawRowView(j) {
					x.V.Set(j, k, x.V.At(j, k)+v)
				}
			}
		case 0: // of rank r−1, the same column missing in both
			for i := range s.d1 {
				x.U.Set(i, 0, 0)
			}
		case 1:
			x.Scale(0)
		case 2:
			truth, _ := lr.TruthOf(p)
			x.U.Zero()
			x.V.Zero()
			x.U.Slice(0, s.d1, 0, truth.Rank()).(*mat.Dense).Copy(truth.U)
			x.V.Slice(0, s.d2, 0, truth.Rank()).(*mat.Dense).Copy(truth.V)
		}
		l, err := LiftIdentity(p, x, mu)
		if err != nil {
			t.Fatal(err)
		}
		if !l.Equality.Holds(1e-10) || !l.Inequality.Holds(1e-10) {
			t.Fatalf("%v\n%v", l.Equality, l.Inequality)
		}
		// Any other μ only names another part of the objective Q.
		if l, err = LiftIdentity(p, x, mu+1); err != nil || !l.Equality.Holds(1e-10) {
			t.Fatalf("with μ + 1: %v %v", err, l)
		}
	})
}

// TestLiftIdentityAgreesWithTheLift holds the terms against the lifted problem of
// package problem, which is symmetric: its own curvature and gradient, and its
// form around N*.
func TestLiftIdentityAgreesWithTheLift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, mu, s := drawLift(t, 5)
		x := normalFactors(lr.Stream(s.seed, "point"), s.d1, s.d2, s.r)
		l, err := LiftIdentity(p, x, mu)
		if err != nil {
			t.Fatal(err)
		}
		w, err := problem.Lift{Of: p}.New()
		if err != nil {
			t.Fatal(err)
		}
		at, delta := &lr.Factors{U: stacked(x)}, &lr.Factors{U: stacked(l.Alignment.Delta)}
		curve, slope, size := firstAndSecond(w, at, delta)
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
				t.Fatalf("%s is %v, of the lifted problem %v", what, got, want)
			}
		}
		near("curvature", l.Curvature, curve)
		near("slope", l.GradDotDelta, slope)
		near("‖∇f‖", l.GradNorm, size)
		f, _ := lr.ErrorFormOf(w)
		g, err := BalanceForm(s.d1, s.d2)
		if err != nil {
			t.Fatal(err)
		}
		d := delta.U
		near("D:H:D", l.DHD, f.Weight*f.Form.NewEval().Apply(d, d)+2*mu*g.NewEval().Apply(d, d))
	})
}

// TestLiftInequalityAdversary climbs on the slack of (17) from random starts: the
// left side never passes the right one, and comes as near as rounding.
func TestLiftInequalityAdversary(t *testing.T) {
	const d1, d2, r = 2, 2, 1
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.5, Seed: 3}.New()
	noError(t, err)
	rng := lr.Stream(5, "adversary")
	instances := 0
	closest, _ := maximise(rng, 2*(d1+d2), 8, 1400, func(v []float64) float64 {
		instances++
		x, truth := lr.NewFactors(d1, d2, r), lr.NewFactors(d1, d2, r)
		unflatten(x, v)
		unflatten(truth, v[d1+d2:])
		var p lr.Problem
		p, err := problem.General{Form: h, Truth: truth, Rank: r}.New()
		noError(t, err)
		p, err = problem.Balance{Of: p, Mu: 0.5}.New()
		noError(t, err)
		l, err := LiftIdentity(p, x, 0.5)
		noError(t, err)
		if !l.Inequality.Holds(1e-10) {
			t.Fatalf("at %v, M* %v: %v", x, truth, l.Inequality)
		}
		return -(l.Inequality.Right - l.Inequality.Left) / l.Inequality.Scale
	})
	if instances < 10000 || closest < -1e-3 {
		t.Errorf("%d instances, the nearest to equality off by %g of its terms", instances, -closest)
	}
}

// TestLiftFormsConform: the suite of forms, against the definition by blocks.
func TestLiftFormsConform(t *testing.T) {
	const d1, d2 = 3, 4
	h0m := symmetricRandom(1, d1*d2)
	h0, err := operator.DenseForm{D1: d1, D2: d2, H: h0m}.New()
	noError(t, err)
	byBlocks := func(first, second float64) func(n *mat.Dense) *mat.Dense {
		return func(n *mat.Dense) *mat.Dense {
			out := mat.NewDense(d1+d2, d1+d2, nil)
			for i := range d1 + d2 {
				for j := range d1 + d2 {
					if (i < d1) == (j < d1) {
						out.Set(i, j, second*n.At(i, j))
						continue
					}
					a, b := i, j-d1
					if i >= d1 {
						a, b = j, i-d1
					}
					var s float64
					for k := range d1 * d2 {
						at := n.At(k/d2, d1+k%d2)
						if i >= d1 {
							at = n.At(d1+k%d2, k/d2)
						}
						s += h0m.At(a*d2+b, k) * at
					}
					out.Set(i, j, first/2*s-second*n.At(i, j))
				}
			}
			return out
		}
	}
	h1, err := LiftForm(h0)
	noError(t, err)
	g, err := BalanceForm(d1, d2)
	noError(t, err)
	h, err := LiftedForm(h0)
	noError(t, err)
	t.Run("H1", func(t *testing.T) { lowranktest.TestForm(t, h1, byBlocks(1, 0)) })
	t.Run("G", func(t *testing.T) { lowranktest.TestForm(t, g, byBlocks(0, 1)) })
	t.Run("H", func(t *testing.T) { lowranktest.TestForm(t, h, byBlocks(4, 1)) })
}

func TestLiftInput(t *testing.T) {
	sensing, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 20}.New()
	noError(t, err)
	symmetric, err := problem.GaussianSensing{D1: 4, D2: 4, Rank: 1, M: 20, Symmetric: true}.New()
	noError(t, err)
	bare := lr.Funcs{D1: 4, D2: 3, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	curved := bare
	curved.HessFunc = func(_, _, _ *lr.Factors) {}
	x := normalFactors(lr.Stream(1, "x"), 4, 3, 1)
	nan := x.Clone()
	nan.V.Set(0, 0, math.NaN())
	h, err := operator.NewIdentity(4, 3)
	noError(t, err)
	form, err := operator.GramForm{Operator: h, Scale: 1}.New()
	noError(t, err)
	identity := func(p lr.Problem, x *lr.Factors, mu float64) error { _, err := LiftIdentity(p, x, mu); return err }
	isometry := func(h lr.Form, x, truth *lr.Factors) error { _, err := LiftIsometry(h, x, truth); return err }
	for name, c := range map[string]struct{ got, want error }{
		"no problem":          {identity(nil, x, 0), lr.ErrEmpty},
		"symmetric":           {identity(symmetric, lr.NewSymmetric(4, 1), 0), lr.ErrShape},
		"point of rank 2":     {identity(sensing, normalFactors(lr.Stream(1, "y"), 4, 3, 2), 0), lr.ErrShape},
		"NaN":                 {identity(sensing, nan, 0), lr.ErrValue},
		"negative μ":          {identity(sensing, x, -1), lr.ErrValue},
		"NaN μ":               {identity(sensing, x, math.NaN()), lr.ErrValue},
		"no Hessian products": {identity(bare, x, 0), lr.ErrAbility},
		"no form":             {identity(curved, x, 0), lr.ErrAbility},
		"no form to lift":     {isometry(nil, x, x), lr.ErrEmpty},
		"another shape":       {isometry(form, normalFactors(lr.Stream(1, "z"), 3, 4, 1), normalFactors(lr.Stream(1, "z"), 3, 4, 1)), lr.ErrShape},
		"symmetric point":     {isometry(form, lr.NewSymmetric(4, 1), lr.NewSymmetric(4, 1)), lr.ErrShape},
		"no point":            {isometry(form, nil, x), lr.ErrShape},
		"NaN truth":           {isometry(form, x, nan), lr.ErrValue},
		"truth of high rank":  {isometry(form, x, normalFactors(lr.Stream(1, "t"), 4, 3, 3)), lr.ErrRank},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: error %v; want one that wraps %v", name, c.got, c.want)
		}
	}
	if _, err := BalanceForm(0, 3); !errors.Is(err, lr.ErrShape) {
		t.Errorf("no rows: error %v", err)
	}
	if _, _, err := LiftExtremes(nan); !errors.Is(err, lr.ErrValue) {
		t.Errorf("a truth with NaN: error %v", err)
	}
}
