package landscape_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// built fails the test on a constructor's error.
func built[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// saddleCase is a strict saddle whose gradient is 0, exactly or to rounding.
type saddleCase struct {
	name string
	p    lr.Problem
	x    *lr.Factors
}

func strictSaddles(t testing.TB) []saddleCase {
	t.Helper()
	diagonal := mat.NewDense(6, 6, nil)
	for i, v := range []float64{9, 4, 2.25, 1} {
		diagonal.Set(i, i, v)
	}
	fact := built(problem.Factorisation{A: diagonal, Rank: 2}.New())(t)
	sym := built(problem.Factorisation{A: diagonal, Rank: 2, Symmetric: true}.New())(t)
	balanced := built(problem.Balance{Of: fact, Mu: 0.5}.New())(t)
	var rows, cols []int
	var values []float64
	for i := range 6 {
		for j := range 6 {
			if (i+2*j)%5 != 1 || i == j {
				v := diagonal.At(i, j)
				if i >= 2 { // M* of rank 2
					v = 0
				}
				rows, cols, values = append(rows, i), append(cols, j), append(values, v)
			}
		}
	}
	comp := built(problem.Completion{D1: 6, D2: 6, Rank: 2, Rows: rows, Cols: cols, Values: values}.New())(t)
	sensing := built(problem.RandomSensing{Operator: built(operator.NewGaussian(6, 5, 150, 1))(t), Rank: 2, Seed: 1, Scale: problem.ScaleMean}.New())(t)
	below := built(problem.Counterexample{Epsilon: -0.5}.New())(t)
	at := func(p lr.Problem, s initial.Saddle) *lr.Factors { return built(s.Point(p))(t) }
	return []saddleCase{
		{"factorisation", fact, at(fact, initial.Saddle{})},
		{"factorisation without two", fact, at(fact, initial.Saddle{Without: []int{0, 1}})},
		{"symmetric", sym, at(sym, initial.Saddle{})},
		{"symmetric at zero", sym, lr.NewPoint(sym)},
		{"balanced", balanced, at(balanced, initial.Saddle{})},
		{"completion", comp, at(comp, initial.Saddle{})},
		{"sensing at zero", sensing, lr.NewPoint(sensing)},
		{"counterexample below 0", below, below.Instance.Spurious},
	}
}

// TestEscape: at strict saddles the value falls by at least the part of the
// predicted decrease that is promised, and by what an evaluation says.
func TestEscape(t *testing.T) {
	for _, c := range strictSaddles(t) {
		t.Run(c.name, func(t *testing.T) {
			keep := c.x.Clone()
			e := built(landscape.Escape(context.Background(), c.p, c.x))(t)
			if !c.x.Equal(keep) {
				t.Error("x was changed")
			}
			checkEscaped(t, c.p, c.x, e)
			if r := e.Decrease / e.Predicted; r > 1+1e-9 {
				t.Logf("the value falls by %g of what is predicted", r)
			}
			again := built(landscape.Escape(context.Background(), c.p, c.x))(t)
			if !again.Point.Equal(e.Point) {
				t.Error("the same seed gives another point")
			}
		})
	}
}

// checkEscaped holds an escape to what its fields say.
func checkEscaped(t testing.TB, p lr.Problem, x *lr.Factors, e *landscape.Escaped) {
	t.Helper()
	eval := p.NewEval()
	before, after := eval.Grad(nil, x), eval.Grad(nil, e.Point)
	if before != e.Before || after != e.After || e.Decrease != before-after {
		t.Errorf("the values are %g and %g; the escape says %g, %g and a decrease of %g", before, after, e.Before, e.After, e.Decrease)
	}
	if !(e.Curvature < 0 && e.Slope <= 0 && e.Length > 0) {
		t.Errorf("curvature %g, slope %g, length %g", e.Curvature, e.Slope, e.Length)
	}
	want := -e.Slope*e.Length - e.Curvature*e.Length*e.Length/2
	if !(math.Abs(e.Predicted-want) <= 1e-12*want) {
		t.Errorf("predicted %g, want %g", e.Predicted, want)
	}
	if !(e.Decrease >= e.Predicted/4 && e.Decrease > 0) {
		t.Errorf("the value falls by %g, predicted is %g: less than a quarter", e.Decrease, e.Predicted)
	}
	if n := e.Direction.Norm(); math.Abs(n-1) > 1e-12 {
		t.Errorf("the direction has length %g", n)
	}
	y := x.Clone()
	y.AddScaled(e.Length, e.Direction)
	if !y.Equal(e.Point) {
		t.Error("Point is not x + Length·Direction")
	}
	if h, ok := lr.HessVecOf(p); ok && !lr.MajorisedOf(p) {
		hv := x.Clone()
		h.HessVec(hv, x, e.Direction)
		if c := e.Direction.Dot(hv); math.Abs(c-e.Curvature) > 1e-9*hv.Norm() {
			t.Errorf("the curvature along the direction is %g; the escape says %g", c, e.Curvature)
		}
	}
}

// TestEscapeAnywhere: from random points that have negative curvature, also
// where the gradient is large, the step goes down.
func TestEscapeAnywhere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.IntRange(2, 6).Draw(r, "d")
		rank := rapid.IntRange(1, d).Draw(r, "rank")
		seed := rapid.Uint64Range(0, 1<<40).Draw(r, "seed")
		p, err := problem.RandomCompletion{D1: d, D2: d, Rank: rank, P: 1, Seed: seed}.New()
		if err != nil {
			r.Skip(err)
		}
		x, err := initial.Random{Scale: rapid.Float64Range(0.01, 0.7).Draw(r, "scale"), Seed: seed}.Point(p)
		if err != nil {
			r.Fatal(err)
		}
		e, err := landscape.Escape(context.Background(), p, x)
		if errors.Is(err, lr.ErrNoProgress) {
			r.Skip("no negative curvature")
		}
		if err != nil {
			r.Fatal(err)
		}
		eval, g := p.NewEval(), x.Clone()
		before, after := eval.Grad(g, x), eval.Grad(nil, e.Point)
		if slope := g.Dot(e.Direction); slope > 0 || math.Abs(slope-e.Slope) > 1e-9*g.Norm() {
			r.Fatalf("the slope along the direction is %g; the escape says %g", slope, e.Slope)
		}
		if !(before-after >= e.Predicted/4) {
			r.Fatalf("the value falls by %g, predicted is %g", before-after, e.Predicted)
		}
	})
}

// TestEscapeSlopeless: where the slope is 0 both sides are tried, and the deeper
// one is taken.
func TestEscapeSlopeless(t *testing.T) {
	// g(u) = −u² + u⁴ ± u³ has its deeper minimum on the side of the cubic term.
	for _, sign := range []float64{1, -1} {
		p := lr.Funcs{Sym: true, D1: 1, Rank: 1,
			GradFunc: func(dst, x *lr.Factors) float64 {
				u := x.U.At(0, 0)
				if dst != nil {
					dst.U.Set(0, 0, -2*u+4*u*u*u-3*sign*u*u)
				}
				return -u*u + u*u*u*u - sign*u*u*u
			},
			HessFunc: func(dst, x, d *lr.Factors) {
				u := x.U.At(0, 0)
				dst.U.Set(0, 0, (-2+12*u*u-6*sign*u)*d.U.At(0, 0))
			},
		}
		x := lr.NewPoint(p)
		e := built(landscape.Escape(context.Background(), p, x))(t)
		checkEscaped(t, p, x, e)
		if u := e.Point.U.At(0, 0); u*sign <= 0 {
			t.Errorf("with the cubic term %g it went to %g", -sign, u)
		}
	}
}

// TestEscapeWithoutHessian and with a majoriser.
func TestEscapeOtherSources(t *testing.T) {
	cases := strictSaddles(t)
	for _, c := range cases[:3] {
		e := built(landscape.Escape(context.Background(), c.p, c.x, landscape.Options{Differences: true}))(t)
		checkEscaped(t, c.p, c.x, e)
	}
	data := mat.NewDense(8, 8, nil)
	for i, v := range []float64{9, 4, 2.25, 1, 0.5, 0.25, 0.1, 0.05} {
		data.Set(i, i, v)
	}
	data.Set(0, 5, 1)
	p := built(problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.2, Cap: 0.5}.New())(t)
	x := lr.NewPoint(p)
	checkEscaped(t, p, x, built(landscape.Escape(context.Background(), p, x))(t))
}

func TestEscapeRefuses(t *testing.T) {
	ctx := context.Background()
	diagonal := mat.NewDense(4, 4, []float64{4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	p := built(problem.Factorisation{A: diagonal, Rank: 2, Symmetric: true}.New())(t)
	best := mat.NewDense(4, 2, []float64{2, 0, 0, 1, 0, 0, 0, 0})
	minimum := &lr.Factors{U: best}
	_, err := landscape.Escape(ctx, p, minimum)
	if !errors.Is(err, lr.ErrNoProgress) || !strings.Contains(err.Error(), "no direction to escape along") {
		t.Errorf("at the minimum: %v", err)
	}
	above := built(problem.Counterexample{Epsilon: 0.5}.New())(t)
	if _, err := landscape.Escape(ctx, above, above.Instance.Spurious); !errors.Is(err, lr.ErrNoProgress) {
		t.Errorf("at a spurious minimum: %v", err)
	}
	bad := lr.NewPoint(p)
	bad.U.Set(0, 0, math.Inf(1))
	if _, err := landscape.Escape(ctx, p, bad); !errors.Is(err, lr.ErrValue) {
		t.Errorf("at an infinite point: %v", err)
	}
	if _, err := landscape.Escape(ctx, p, lr.NewSymmetric(5, 2)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("at another shape: %v", err)
	}
	if _, err := landscape.Escape(ctx, nil, minimum); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("without a problem: %v", err)
	}
	if _, err := landscape.Escape(ctx, p, lr.NewPoint(p), landscape.Options{}, landscape.Options{}); !errors.Is(err, lr.ErrValue) {
		t.Errorf("with two sets of options: %v", err)
	}
	if _, err := landscape.Escape(ctx, p, lr.NewPoint(p), landscape.Options{Products: -3}); !errors.Is(err, lr.ErrValue) {
		t.Errorf("with −3 products: %v", err)
	}
	ended, cancel := context.WithCancelCause(ctx)
	cause := errors.New("enough")
	cancel(cause)
	if _, err := landscape.Escape(ended, p, lr.NewPoint(p)); !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, cause) {
		t.Errorf("under an ended context: %v", err)
	}
}

// TestEscapeUnbounded: a value that falls for ever ends the doubling at the
// largest finite one.
func TestEscapeUnbounded(t *testing.T) {
	p := lr.Funcs{Sym: true, D1: 2, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			if dst != nil {
				dst.CopyFrom(x)
				dst.Scale(-2)
			}
			return -x.Dot(x)
		},
		HessFunc: func(dst, _, d *lr.Factors) { dst.CopyFrom(d); dst.Scale(-2) },
	}
	e := built(landscape.Escape(context.Background(), p, lr.NewPoint(p)))(t)
	if !e.Point.Finite() || math.IsInf(e.After, 0) {
		t.Errorf("it went to %v with the value %g", mat.Formatted(e.Point.U), e.After)
	}
}
