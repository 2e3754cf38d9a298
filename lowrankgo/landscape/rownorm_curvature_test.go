package landscape

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestRowNormCurvatureVectors(t *testing.T) {
	for _, c := range independents(t, "lemma11", 5) {
		t.Run(c.Name, func(t *testing.T) {
			w, err := WorstRow(c.RatioC)
			if err != nil {
				t.Fatal(err)
			}
			agrees(t, "K", w.K, c.K, 1e-8)
			agrees(t, "K in closed form", w.Closed, c.KClosedForm, 1e-12)
			agrees(t, "‖u‖", math.Hypot(w.Row[0], w.Row[1]), c.RowT, 1e-5)
			agrees(t, "‖u*‖", math.Hypot(w.Target[0], w.Target[1]), c.RowS, 1e-9)
			if c.U == nil {
				return
			}
			n, err := RowNormCurvature(RowPenalty{Lambda: c.Lambda, Alpha: c.Alpha}, c.symmetric(c.U), c.symmetric(c.Ustar))
			if err != nil {
				t.Fatal(err)
			}
			agrees(t, "C", n.C, c.RatioC, 1e-10)
			agrees(t, "the left side", n.Bound.Left, c.LHS, 1e-10)
			agrees(t, "the right side", n.Bound.Right, c.RHS, 1e-8)
			if n.Bound.Applies() != Yes || !n.Bound.Holds(1e-8) {
				t.Errorf("%v", n.Bound)
			}
		})
	}
}

// The maximum that is searched for is the closed form, and that of package
// problem; the row of U* points against u.
func TestWorstRowClosedForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := math.Pow(10, rapid.Float64Range(0, 4).Draw(t, "log C"))
		w, err := WorstRow(c)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(w.K-w.Closed) > 1e-10*w.Closed || w.Closed != problem.LemmaConstant(c) {
			t.Fatalf("C = %v: K found %.15g, in closed form %.15g and %.15g", c, w.K, w.Closed, problem.LemmaConstant(c))
		}
		if want := 1 + math.Sqrt(3)*(1+1/c); math.Abs(w.Row[0]-want) > 1e-5 || math.Abs(w.Target[0]+1/c) > 1e-6 {
			t.Fatalf("C = %v: maximiser %v, %v; want %v, %v", c, w.Row, w.Target, want, -1/c)
		}
	})
	if w, err := WorstRow(math.Inf(1)); err != nil || math.Abs(w.K-(6*math.Sqrt(3)-9)) > 1e-10 {
		t.Errorf("U* = 0: K is %v, %v", w, err)
	}
	if w, err := WorstRow(0.9); err != nil || !math.IsInf(w.K, 1) || w.Row != nil {
		t.Errorf("C = 0.9: %v, %v; want no constant", w, err)
	}
}

// rowProblem is Q alone, by package problem.
func rowProblem(t rapid.TB, like *lr.Factors, q RowPenalty) lr.Problem {
	d1, d2 := like.Dims()
	zero := lr.Funcs{
		D1: d1, D2: d2, Rank: like.Rank(), Sym: like.Symmetric(),
		GradFunc: func(dst, _ *lr.Factors) float64 {
			if dst != nil {
				dst.Scale(0)
			}
			return 0
		},
		HessFunc: func(dst, _, _ *lr.Factors) { dst.Scale(0) },
	}
	p, err := problem.RowNorm{Of: zero, Lambda: q.Lambda, Alpha: q.Alpha, LambdaV: q.LambdaV, AlphaV: q.AlphaV}.New()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// drawnPair is a point and a truth, of rank at most the point's.
func drawnPair(t *rapid.T) (x, truth *lr.Factors, seed uint64) {
	seed = rapid.Uint64().Draw(t, "seed")
	rng := lr.Stream(seed, "pair")
	d1, d2 := rapid.IntRange(1, 12).Draw(t, "d1"), rapid.IntRange(1, 12).Draw(t, "d2")
	symmetric := rapid.Bool().Draw(t, "symmetric")
	if symmetric {
		d2 = d1
	}
	r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
	rs := rapid.IntRange(1, r).Draw(t, "r*")
	x, truth = &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}, &lr.Factors{U: lr.NormalMatrix(rng, d1, rs)}
	if !symmetric {
		x.V, truth.V = lr.NormalMatrix(rng, d2, r), lr.NormalMatrix(rng, d2, rs)
	}
	x.Scale(rapid.Float64Range(0.1, 8).Draw(t, "size"))
	if rapid.Bool().Draw(t, "deficient") { // the last column repeats the first
		for i := range d1 {
			x.U.Set(i, r-1, x.U.At(i, 0))
		}
	}
	return x, truth, seed
}

// The two terms are those of package problem's Q along the Δ of Align.
func TestRowNormCurvatureTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, truth, seed := drawnPair(t)
		number := func(name string) float64 { return rapid.Float64Range(0.05, 4).Draw(t, name) }
		q := RowPenalty{Lambda: number("λ"), Alpha: number("α")}
		if !x.Symmetric() && rapid.Bool().Draw(t, "two sides") {
			q.LambdaV, q.AlphaV = number("λ2"), number("α2")
		}
		n, err := RowNormCurvature(q, x, truth)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Align(x, truth)
		if err != nil {
			t.Fatal(err)
		}
		p := rowProblem(t, x, q)
		e, _ := lr.HessVecOf(p)
		g, h := lr.NewPoint(p), lr.NewPoint(p)
		e.Grad(g, x)
		e.HessVec(h, x, a.Delta)
		size := 1e-11 * (1 + math.Abs(n.Curvature) + math.Abs(n.Slope))
		if math.Abs(n.Curvature-h.Dot(a.Delta)) > size || math.Abs(n.Slope-g.Dot(a.Delta)) > size {
			t.Fatalf("seed %d: Δ:∇²Q:Δ = %g, ⟨∇Q, Δ⟩ = %g; by package problem %g and %g", seed, n.Curvature, n.Slope, h.Dot(a.Delta), g.Dot(a.Delta))
		}
		if n.Bound.Applies() != No {
			sure(t, seed, n.Bound)
		}
		if n.Share.Applies() == Yes {
			sure(t, seed, n.Share)
		}
	})
}

// In 10,000 random instances and by climbing the bound is never exceeded; what
// is climbed to comes near it.
func TestRowNormBoundNeverViolated(t *testing.T) {
	const seed = 7
	rng := lr.Stream(seed, "row norm bound")
	q := RowPenalty{Lambda: 1, Alpha: 1}
	violated := 0
	for k := range 10000 {
		d, r := 1+k%6, 1+k%2
		x := &lr.Factors{U: lr.NormalMatrix(rng, d, min(r, d))}
		truth := &lr.Factors{U: lr.NormalMatrix(rng, d, min(r, d))}
		x.Scale(math.Pow(10, rng.Float64()*1.5-0.5))
		truth.Scale(rng.Float64() / longestRow(truth.U))
		n, err := RowNormCurvature(q, x, truth)
		if err != nil {
			t.Fatal(err)
		}
		if n.Bound.Applies() != Yes || !n.Bound.Holds(1e-10) {
			violated++
			t.Logf("seed %d, instance %d: %v", seed, k, n.Bound)
		}
	}
	if violated > 0 {
		t.Errorf("%d of 10,000 violated", violated)
	}
	// U and U* of 3×1, the longest row of U* as long as α: K(1).
	best, at := maximise(rng, 6, 4, 1500, func(v []float64) float64 {
		x, truth := &lr.Factors{U: mat.NewDense(3, 1, append([]float64(nil), v[:3]...))}, &lr.Factors{U: mat.NewDense(3, 1, append([]float64(nil), v[3:]...))}
		truth.Scale(1 / longestRow(truth.U))
		n, err := RowNormCurvature(q, x, truth)
		if err != nil {
			return math.NaN()
		}
		return n.Bound.Left / n.Bound.Right
	})
	if best > 1+1e-9 || best < 0.8 {
		t.Errorf("climbing found %.6f of the bound at %v; want at most 1 and not far below", best, at)
	}
}

func TestRowNormCurvatureInput(t *testing.T) {
	x, truth := lr.NewSymmetric(3, 1), lr.NewSymmetric(3, 1)
	truth.U.Set(0, 0, 1)
	nan := lr.NewSymmetric(3, 1)
	nan.U.Set(1, 0, math.NaN())
	for name, c := range map[string]struct {
		q        RowPenalty
		x, truth *lr.Factors
		want     error
	}{
		"λ < 0":          {RowPenalty{Lambda: -1, Alpha: 1}, x, truth, lr.ErrValue},
		"λ = NaN":        {RowPenalty{Lambda: math.NaN(), Alpha: 1}, x, truth, lr.ErrValue},
		"no α":           {RowPenalty{Lambda: 1}, x, truth, lr.ErrValue},
		"NaN":            {RowPenalty{Lambda: 1, Alpha: 1}, nan, truth, lr.ErrValue},
		"other shape":    {RowPenalty{Lambda: 1, Alpha: 1}, lr.NewSymmetric(4, 1), truth, lr.ErrShape},
		"no truth":       {RowPenalty{Lambda: 1, Alpha: 1}, x, nil, lr.ErrShape},
		"no point":       {RowPenalty{Lambda: 1, Alpha: 1}, nil, truth, lr.ErrShape},
		"truth too rich": {RowPenalty{Lambda: 1, Alpha: 1}, x, &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "x"), 3, 2)}, lr.ErrRank},
	} {
		if _, err := RowNormCurvature(c.q, c.x, c.truth); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, c := range []float64{0, -1, math.NaN()} {
		if _, err := WorstRow(c); !errors.Is(err, lr.ErrValue) {
			t.Errorf("C = %v: %v", c, err)
		}
	}
	// A row of U* longer than α: no constant, and the check says that it does not
	// apply. No penalty: nothing is added.
	truth.U.Set(0, 0, 2)
	n, err := RowNormCurvature(RowPenalty{Lambda: 1, Alpha: 1}, x, truth)
	if err != nil || n.Bound.Applies() != No || !math.IsInf(n.Limit, 1) {
		t.Errorf("C = ½: %+v, %v", n, err)
	}
	if n, err = RowNormCurvature(RowPenalty{}, x, truth); err != nil || n.Limit != 0 || n.Quarter != 0 || !n.Bound.Holds(0) {
		t.Errorf("no penalty: %+v, %v", n, err)
	}
}
