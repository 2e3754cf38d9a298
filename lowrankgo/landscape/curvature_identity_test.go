package landscape

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// wanted is the value of a constructor that does not fail.
func wanted[P any](t testing.TB) func(p P, err error) P {
	return func(p P, err error) P {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func generalOf(t testing.TB, h lr.Form, truth *lr.Factors, rank int) *problem.Objective {
	t.Helper()
	return wanted[*problem.Objective](t)(problem.General{Form: h, Truth: truth, Rank: rank, Symmetric: truth.V == nil}.New())
}

func denseForm(t testing.TB, d1, d2 int, h *mat.Dense) lr.Form {
	t.Helper()
	return wanted[*operator.QuadraticForm](t)(operator.DenseForm{D1: d1, D2: d2, H: h}.New())
}

// lemma7Problem is ½ E:H:E with the row regulariser of the vectors.
func (c geometryCase) lemma7Problem(t *testing.T) lr.Problem {
	t.Helper()
	d, r := len(c.U), len(c.U[0])
	p := generalOf(t, denseForm(t, d, d, rowsMatrix(c.H)), rowsFactors(c.Ustar, nil), r)
	if c.Lambda == 0 {
		return p
	}
	return wanted[*problem.Regularised](t)(problem.RowNorm{Of: p, Lambda: c.Lambda, Alpha: c.Alpha}.New())
}

func (c geometryCase) compareCurvature(t *testing.T, got *CurvatureTerms) {
	t.Helper()
	vectorNear(t, "Δ:∇²f:Δ", got.Curvature, c.Lhs)
	vectorNear(t, "D:H:D", got.DHD, c.DHD)
	vectorNear(t, "E:H:E", got.EHE, c.EHE)
	vectorNear(t, "⟨∇f, Δ⟩", got.GradDotDelta, c.GradDotDelta)
	vectorNear(t, "Δ:∇²Q:Δ", got.QCurvature, c.QCurvature)
	vectorNear(t, "⟨∇Q, Δ⟩", got.QGradDotDelta, c.QGradDotDelta)
	matrixNear(t, "Δ", got.Delta.U, c.Delta)
	if !got.Identity.Holds(1e-12) {
		t.Error(got.Identity)
	}
}

func TestCurvatureIdentityVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "lemma7") {
		t.Run(c.Name, func(t *testing.T) {
			x := rowsFactors(c.U, nil)
			var r *mat.Dense
			if c.RIs != "optimal" {
				r = rowsMatrix(c.R)
			}
			got, err := CurvatureIdentity(c.lemma7Problem(t), x, r)
			if err != nil {
				t.Fatal(err)
			}
			c.compareCurvature(t, got)
			if got.Optimal != (r == nil) {
				t.Errorf("optimal: %t", got.Optimal)
			}
		})
	}
}

// TestCurvatureIdentityNoise: the noise of measurements is found as Q.
func TestCurvatureIdentityNoise(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "lemma7_noise") {
		d := len(c.U)
		a := mat.NewDense(len(c.As), d*d, nil)
		for i, m := range c.As {
			for j, row := range m {
				copy(a.RawRowView(i)[j*d:], row)
			}
		}
		op := wanted[*operator.Gaussian](t)(operator.NewDense(d, d, a))
		truth := rowsFactors(c.Ustar, nil)
		p := wanted[*problem.Quadratic](t)(problem.Sensing{Operator: op, B: c.B, Rank: len(c.U[0]), Scale: problem.ScaleMean, Symmetric: true, Truth: truth}.New())
		got, err := CurvatureIdentity(p, rowsFactors(c.U, nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !got.HasQ {
			t.Error("the noise is not seen")
		}
		c.compareCurvature(t, got)
	}
}

// selfAdjoint is a random self-adjoint H on d×d matrices, neither positive nor
// mapping symmetric matrices to symmetric ones.
func selfAdjoint(rng *rand.Rand, n int) *mat.Dense {
	h := lr.NormalMatrix(rng, n, n)
	for i := range n {
		for j := range i {
			h.Set(i, j, h.At(j, i))
		}
	}
	return h
}

// TestCurvatureIdentityProperty: exact for any H, any Q, any orthogonal R, any
// rank of point and truth.
func TestCurvatureIdentityProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawSize(rt, true)
		s.d1 = min(s.d1, 8) // H is d²×d²
		s.r = min(s.r, s.d1)
		rng := lr.Stream(s.seed, "identity")
		truth, x := normalFactors(rng, s.d1, 0, 1+rng.IntN(s.r)), normalFactors(rng, s.d1, 0, s.r)
		if rapid.Bool().Draw(rt, "deficient") {
			for i := range s.d1 {
				x.U.Set(i, 0, 0)
			}
		}
		var p lr.Problem = generalOf(t, denseForm(t, s.d1, s.d1, selfAdjoint(rng, s.d1*s.d1)), truth, s.r)
		switch rapid.IntRange(0, 3).Draw(rt, "Q") {
		case 1:
			p = wanted[*problem.Regularised](t)(problem.RowNorm{Of: p, Lambda: 0.7, Alpha: 0.5}.New())
		case 2:
			p = wanted[*problem.Regularised](t)(problem.Linear{Of: p, N: lr.NormalMatrix(rng, s.d1, s.d1)}.New())
			p = wanted[*problem.Regularised](t)(problem.Ridge{Of: p, Lambda: 2}.New())
		}
		var r *mat.Dense
		if rapid.Bool().Draw(rt, "any R") {
			r = rotation(rng, s.r)
		}
		got, err := CurvatureIdentity(p, x, r)
		if err != nil {
			rt.Fatal(err)
		}
		if !got.Identity.Holds(1e-10) {
			rt.Fatalf("seed %d: %v", s.seed, got.Identity)
		}
		steps := got.Steps()
		if sum := steps.Direction + steps.Rest; math.Abs(sum*squared(got.Distance)-got.Curvature) > 1e-10*got.Identity.Scale {
			rt.Fatalf("the steps add up to %v‖Δ‖², the curvature is %v", sum, got.Curvature)
		}
	})
}

// TestCurvatureIdentitySizes runs 20 sizes, up to 40×40 with r = 1 … d, by a form
// that is free of matrices.
func TestCurvatureIdentitySizes(t *testing.T) {
	for k := range uint64(20) {
		rng := lr.Stream(k, "sizes")
		d := 2 + int(2*k)
		r := []int{1, d, 1 + rng.IntN(d)}[k%3]
		h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: d, Delta: 0.5, Seed: k, Symmetric: true}.New())
		p := generalOf(t, h, normalFactors(rng, d, 0, r), r)
		got, err := CurvatureIdentity(p, normalFactors(rng, d, 0, r), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Identity.Holds(1e-12 * float64(d)) {
			t.Errorf("d = %d, r = %d: %v", d, r, got.Identity)
		}
	}
}

// TestCurvatureIdentityNear: near the truth the terms fall as ‖Δ‖² and keep
// their digits.
func TestCurvatureIdentityNear(t *testing.T) {
	rng := lr.Stream(5, "near")
	truth, d := normalFactors(rng, 9, 0, 2), normalFactors(rng, 9, 0, 2)
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 9, Delta: 0.3, Symmetric: true}.New())
	p := generalOf(t, h, truth, 2)
	for _, step := range []float64{1e-2, 1e-4, 1e-6} {
		x := truth.Clone()
		x.AddScaled(step, d)
		got, err := CurvatureIdentity(p, x, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Identity.Holds(1e-14 / step) {
			t.Errorf("at a step of %v: %v", step, got.Identity)
		}
		if want := got.EHE / got.Error2; want < 0.7-1e-9 || want > 1.3+1e-9 {
			t.Errorf("at a step of %v: E:H:E is %v‖E‖², outside 1 ± 0.3", step, want)
		}
	}
}

// TestCurvatureIdentityOfLifted: an asymmetric problem by its lift.
func TestCurvatureIdentityOfLifted(t *testing.T) {
	rng := lr.Stream(6, "lifted")
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 5, D2: 4, Delta: 0.2}.New())
	p := wanted[*problem.Regularised](t)(problem.Balance{Of: generalOf(t, h, normalFactors(rng, 5, 4, 2), 2), Mu: 0.5}.New())
	x := normalFactors(rng, 5, 4, 2)
	if _, err := CurvatureIdentity(p, x, nil); !errors.Is(err, lr.ErrAbility) || !strings.Contains(err.Error(), "Lift") {
		t.Errorf("an asymmetric problem: %v; the advice to lift it is wanted", err)
	}
	l := wanted[*problem.Lifted](t)(problem.Lift{Of: p}.New())
	got, err := CurvatureIdentity(l, wanted[*lr.Factors](t)(l.Point(x)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Identity.Holds(1e-12) {
		t.Error(got.Identity)
	}
}

// TestCurvatureIdentityDenseTruth: the truth given as M*·I.
func TestCurvatureIdentityDenseTruth(t *testing.T) {
	rng := lr.Stream(9, "dense truth")
	star, x := normalFactors(rng, 5, 0, 2), normalFactors(rng, 5, 0, 2)
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 5, D2: 5, Delta: 0.4}.New())
	wide := &lr.Factors{U: star.Dense(), V: mat.NewDense(5, 5, nil)}
	for i := range 5 {
		wide.V.Set(i, i, 1)
	}
	p := wanted[*problem.Objective](t)(problem.General{Form: h, Truth: wide, Rank: 2, Symmetric: true}.New())
	got := wanted[*CurvatureTerms](t)(CurvatureIdentity(p, x, nil))
	want := wanted[*CurvatureTerms](t)(CurvatureIdentity(generalOf(t, h, star, 2), x, nil))
	vectorNear(t, "Δ:∇²f:Δ", got.Curvature, want.Curvature)
	vectorNear(t, "E:H:E", got.EHE, want.EHE)
	if !got.Identity.Holds(1e-12) {
		t.Error(got.Identity)
	}
}

// TestCurvatureSimplest: at all critical points of ½‖UUᵀ − M*‖², which are
// rotations of some columns of U*, the curvature is at most −‖E‖².
func TestCurvatureSimplest(t *testing.T) {
	rng := lr.Stream(7, "simplest")
	q := rotation(rng, 6)
	truth := &lr.Factors{U: mat.DenseCopyOf(q.Slice(0, 6, 0, 3))}
	for k, s := range []float64{3, 2, 1} {
		for i := range 6 {
			truth.U.Set(i, k, s*truth.U.At(i, k))
		}
	}
	eye := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 6, D2: 6}.New())
	p := generalOf(t, eye, truth, 3)
	for missing := 1; missing < 8; missing++ {
		x := truth.Clone()
		for k := range 3 {
			if missing>>k&1 == 1 {
				for i := range 6 {
					x.U.Set(i, k, 0)
				}
			}
		}
		x.U.Mul(x.U, rotation(rng, 3))
		got, err := CurvatureIdentity(p, x, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := got.Simplest()
		if c.Applies() != Yes || !c.Holds(1e-10) {
			t.Errorf("missing columns %03b: %v", missing, c)
		}
		if s := got.Steps(); s.AgainstError > -1+1e-10 || math.Abs(s.Rest) > 1e-10 {
			t.Errorf("missing columns %03b: %v", missing, s)
		}
	}
	got, err := CurvatureIdentity(p, normalFactors(rng, 6, 0, 3), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Simplest(); c.Applies() != No {
		t.Errorf("at a point with a gradient it applies: %v", c)
	}
}

func TestCurvatureIdentityInput(t *testing.T) {
	rng := lr.Stream(8, "input")
	truth := normalFactors(rng, 4, 0, 2)
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 4, D2: 4}.New())
	p, x := generalOf(t, h, truth, 2), normalFactors(rng, 4, 0, 2)
	nan := x.Clone()
	nan.U.Set(0, 0, math.NaN())
	eye := wanted[*operator.Identity](t)(operator.NewIdentity(4, 4))
	blind := wanted[*problem.Quadratic](t)(problem.Sensing{Operator: eye, B: make([]float64, 16), Rank: 2, Symmetric: true}.New())
	flat := lr.Funcs{D1: 4, Rank: 2, Sym: true, GradFunc: func(dst, _ *lr.Factors) float64 { return 0 }}
	for name, c := range map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		r    *mat.Dense
		want error
	}{
		"no problem":        {nil, x, nil, lr.ErrEmpty},
		"another shape":     {p, normalFactors(rng, 5, 0, 2), nil, lr.ErrShape},
		"NaN":               {p, nan, nil, lr.ErrValue},
		"no truth":          {blind, x, nil, lr.ErrAbility},
		"no form":           {flat, x, nil, lr.ErrAbility},
		"R of another size": {p, x, rotation(rng, 3), lr.ErrShape},
		"R of 2I":           {p, x, mat.NewDense(2, 2, []float64{2, 0, 0, 2}), lr.ErrValue},
		"truth of rank 2":   {generalOf(t, h, truth, 1), normalFactors(rng, 4, 0, 1), nil, lr.ErrRank},
	} {
		if _, err := CurvatureIdentity(c.p, c.x, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// At a saddle of a factorisation, where one column of U* is missing, the
// direction Δ to the solution goes downwards, and the identity says how much.
func ExampleCurvatureIdentity() {
	truth := &lr.Factors{U: mat.NewDense(3, 2, []float64{2, 0, 0, 1, 0, 0})}
	h, err := operator.Perturbed{D1: 3, D2: 3}.New() // the identity
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := problem.General{Form: h, Truth: truth, Rank: 2, Symmetric: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	saddle := &lr.Factors{U: mat.NewDense(3, 2, []float64{2, 0, 0, 0, 0, 0})}
	c, err := CurvatureIdentity(p, saddle, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f = %.0f − 3·%.0f + 4·%.0f\n", c.Curvature, c.DHD, c.EHE, c.GradDotDelta)
	fmt.Println(c.Steps())
	fmt.Println(c.Simplest().Holds(1e-12))
	// Output:
	// -2 = 1 − 3·1 + 4·0
	// D:H:D − 3E:H:E is -2‖E‖² = -2‖Δ‖²; gradient and Q add 0‖Δ‖²; together -2‖Δ‖²
	// true
}
