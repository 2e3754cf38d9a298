package landscape

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestDeficientDirectionVectors(t *testing.T) {
	for _, c := range liftVectors(t, "thm31_deficient") {
		t.Run(c.Name, func(t *testing.T) {
			p, x := c.weighted(t), rowsFactors(c.U, c.V)
			d, err := DeficientDirection(context.Background(), p, x)
			noError(t, err)
			if d.NullOfU != (c.Side == "U") {
				t.Errorf("b is in the null space of U: %t, want side %s", d.NullOfU, c.Side)
			}
			vectorNear(t, "‖∇g‖", d.GradNorm, c.GradientNorm)
			vectorNear(t, "‖∇f‖₂", d.Gradient, c.GradSpectral)
			vectorNear(t, "c", d.C, c.CurvatureC)
			vectorNear(t, "bound", d.Bound, c.Bound)
			vectorNear(t, "D's curvature", d.Curvature, c.Curvature)
			vectorNear(t, "λmin", d.LambdaMin, c.LambdaMin)
			holdAll(t, []Check{d.Attained, d.Above, d.Below}, 1e-11)
			if d.Sharp.Applies() == Yes {
				holdAll(t, []Check{d.Sharp}, 1e-11)
			} else if d.Sharp.Holds(1e-3) && d.Other > 0.1 {
				t.Logf("λmin is the bound although ‖Vb‖ = %g", d.Other)
			}
			near := d.rankOne(1, unitVector(d.d1, c.EqI), c.EqAlpha, unitVector(d.d2, c.EqJ))
			h, _ := lr.HessVecOf(p)
			vectorNear(t, "the paper's direction of the vectors", quadraticAt(h, x, near), c.EqCurvature)
			alpha, dir, err := d.EntryDirection(-c.EqCurvature)
			noError(t, err)
			vectorNear(t, "the paper's direction", quadraticAt(h, x, dir), c.EqCurvature)
			// Entries of equal size may be chosen in either order, b has a sign.
			if d.Row == c.EqI && d.Col == c.EqJ {
				vectorNear(t, "|α|", math.Abs(alpha), math.Abs(c.EqAlpha))
			}
		})
	}
}

// deficientPoint draws a point of which U or V or both have rank below r, by
// their own null vector or the same, or 0.
func deficientPoint(t *rapid.T, s drawnSize) *lr.Factors {
	rng := lr.Stream(s.seed, "deficient")
	x := normalFactors(rng, s.d1, s.d2, s.r)
	b := lr.NormalMatrix(rng, s.r, 1)
	b.Scale(1/mat.Norm(b, 2), b)
	project := func(m, b *mat.Dense) {
		var mb, out mat.Dense
		mb.Mul(m, b)
		out.Mul(&mb, b.T())
		m.Sub(m, &out)
		// twice, for rounding
		mb.Mul(m, b)
		out.Mul(&mb, b.T())
		m.Sub(m, &out)
	}
	switch rapid.SampledFrom([]string{"U", "V", "both, one b", "both", "origin"}).Draw(t, "null") {
	case "U":
		project(x.U, b)
	case "V":
		project(x.V, b)
	case "both, one b":
		project(x.U, b)
		project(x.V, b)
	case "both":
		project(x.U, b)
		other := lr.NormalMatrix(rng, s.r, 1)
		other.Scale(1/mat.Norm(other, 2), other)
		project(x.V, other)
	case "origin":
		x.Scale(0)
	}
	if s.r == 1 { // a projection leaves rounding
		for _, m := range []*mat.Dense{x.U, x.V} {
			if mat.Norm(m, 2) < 1e-12 {
				m.Zero()
			}
		}
	}
	return x
}

// TestDeficientDirectionAnywhere: at every point of lower rank the direction has
// the curvature of the bound, λmin is not above it, and is −‖∇f‖₂ at least.
func TestDeficientDirectionAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, false)
		s.d1, s.d2 = min(s.d1, 8), min(s.d2, 8)
		s.r = min(s.r, s.d1, s.d2, 3)
		op, err := operator.NewGaussian(s.d1, s.d2, 1+int(s.seed%40), s.seed)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problem.RandomSensing{Operator: op, Rank: s.r, Seed: s.seed, Scale: problem.ScaleMean}.New()
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := problem.Balance{Of: p, Mu: 2}.New()
		if err != nil {
			t.Fatal(err)
		}
		x := deficientPoint(t, s)
		d, err := DeficientDirection(context.Background(), wrapped, x)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(d.Direction.Norm()-1) > 1e-12 {
			t.Fatalf("D has norm %g", d.Direction.Norm())
		}
		for _, c := range []Check{d.Attained, d.Above, d.Below} {
			if !c.Holds(1e-10) {
				t.Fatal(c)
			}
		}
		if d.Below.Applies() != Yes || (d.Sharp.Applies() == Yes && !d.Sharp.Holds(1e-10)) {
			t.Fatalf("%v\n%v", d.Below, d.Sharp)
		}
		// In factors the direction is what it says it is: the curvature by values.
		e := p.NewEval()
		at := func(h float64) float64 {
			y := x.Clone()
			y.AddScaled(h, d.Direction)
			return e.Grad(nil, y)
		}
		const h = 1e-3
		second := (at(h) - 2*at(0) + at(-h)) / (h * h)
		if math.Abs(second-d.Curvature) > 1e-4*(1+d.Above.Scale) {
			t.Fatalf("curvature %g, by differences of values %g", d.Curvature, second)
		}
	})
}

// TestDeficientBoundAdversary climbs on λmin − bound over points with a null
// vector: never above 0, and at 0 where the theorem says so.
func TestDeficientBoundAdversary(t *testing.T) {
	const d1, d2, r = 3, 2, 2
	a := lr.NormalMatrix(lr.Stream(1, "A"), d1, d2)
	w := mat.NewDense(d1, d2, []float64{1, 2, 0.5, 1.5, 3, 1})
	p, err := problem.WeightedFactorisation{A: a, Weights: w, Rank: r}.New()
	noError(t, err)
	rng := lr.Stream(3, "adversary")
	instances := 0
	closest, _ := maximise(rng, d1+d2*r+1, 9, 1150, func(v []float64) float64 {
		instances++
		x := lr.NewFactors(d1, d2, r)
		sin, cos := math.Sincos(v[d1+d2*r]) // U = u·(cos, sin), b = (−sin, cos)
		for i := range d1 {
			x.U.SetRow(i, []float64{v[i] * cos, v[i] * sin})
		}
		for j := range d2 {
			x.V.SetRow(j, v[d1+2*j:d1+2*j+2])
		}
		d, err := DeficientDirection(context.Background(), p, x)
		noError(t, err)
		if !d.Above.Holds(1e-10) || !d.Below.Holds(1e-10) || !d.Attained.Holds(1e-10) {
			t.Fatalf("at %v:\n%v\n%v\n%v", x, d.Above, d.Below, d.Attained)
		}
		return (d.LambdaMin - d.Bound) / d.Above.Scale
	})
	if instances < 10000 || closest < -1e-3 || closest > 1e-10 {
		t.Errorf("%d instances, the nearest λmin to its bound at %g of the scale; want it to come to 0 from below", instances, closest)
	}
}

// A ∇f that is too large to be formed has its pair from products; the bound then
// stays one, whatever the pair is.
func TestDeficientDirectionLarge(t *testing.T) {
	p, err := problem.RandomCompletion{D1: 260, D2: 240, Rank: 3, P: 0.2, Seed: 5}.New()
	noError(t, err)
	x := normalFactors(lr.Stream(1, "x"), 260, 240, 3)
	for i := range 260 {
		x.U.Set(i, 1, x.U.At(i, 0))
	}
	d, err := DeficientDirection(context.Background(), p, x)
	noError(t, err)
	holdAll(t, []Check{d.Attained}, 1e-10)
	if d.Exact || !math.IsNaN(d.LambdaMin) || !(d.Bound < 0) || d.Sharp.Applies() == Yes {
		t.Errorf("exact %t, λmin %g, bound %g", d.Exact, d.LambdaMin, d.Bound)
	}
	eval, _ := lr.MulGradOf(p)
	dense := &matrixGradient{eval: eval, x: x, d1: 260, d2: 240}
	if s := largestSingular(dense.dense()); d.Gradient > s*(1+1e-12) || d.Gradient < 0.98*s {
		t.Errorf("‖∇f‖₂ = %g, estimated %g", s, d.Gradient)
	}
	if g := dense.dense().At(d.Row, d.Col); math.Abs(g-d.Entry) > 1e-12*math.Abs(g) {
		t.Errorf("entry (%d, %d) of ∇f is %g, said to be %g", d.Row, d.Col, g, d.Entry)
	}
}

func TestDeficientDirectionInput(t *testing.T) {
	ctx := context.Background()
	p := nearlyIsometric(t, 4, 3, 2, 1)
	truth, _ := lr.TruthOf(p)
	x := lr.NewFactors(4, 3, 2)
	done, cancel := context.WithCancel(ctx)
	cancel()
	call := func(ctx context.Context, p lr.Problem, x *lr.Factors) error {
		_, err := DeficientDirection(ctx, p, x)
		return err
	}
	bare := lr.Funcs{D1: 4, D2: 3, Rank: 2, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }, HessFunc: func(_, _, _ *lr.Factors) {}}
	nan := x.Clone()
	nan.U.Set(0, 0, math.Inf(1))
	for name, c := range map[string]struct{ got, want error }{
		"no problem":         {call(ctx, nil, x), lr.ErrEmpty},
		"full rank":          {call(ctx, p, truth), lr.ErrRank},
		"another shape":      {call(ctx, p, lr.NewFactors(3, 4, 2)), lr.ErrShape},
		"infinite":           {call(ctx, p, nan), lr.ErrValue},
		"no products with f": {call(ctx, bare, x), lr.ErrAbility},
		"cancelled before":   {call(done, p, x), context.Canceled},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: error %v; want one that wraps %v", name, c.got, c.want)
		}
	}
	d, err := DeficientDirection(ctx, p, x)
	noError(t, err)
	for _, target := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, _, err := d.EntryDirection(target); !errors.Is(err, lr.ErrValue) {
			t.Errorf("target %g: error %v", target, err)
		}
	}
	flat, err := problem.General{Form: mustForm(t), Truth: lr.NewFactors(4, 3, 1), Rank: 2}.New()
	noError(t, err)
	d, err = DeficientDirection(ctx, flat, x) // 0 is the minimiser
	noError(t, err)
	if _, _, err := d.EntryDirection(1); !errors.Is(err, lr.ErrValue) || d.Strict.Applies() != No || d.Bound != 0 {
		t.Errorf("at a minimiser: error %v, bound %g, %v", err, d.Bound, d.Strict)
	}
}

func mustForm(t testing.TB) lr.Form {
	t.Helper()
	h, err := operator.Perturbed{D1: 4, D2: 3, Delta: 0.1, Seed: 1}.New()
	noError(t, err)
	return h
}
