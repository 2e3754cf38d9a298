package problem_test

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// wrappings are the terms that may stand over robust PCA, and two of them.
func wrappings(t testing.TB, p lr.Problem) map[string]lr.Problem {
	d1, d2, _ := p.Dims()
	n := constant(d1, d2, 0.3)
	n.Set(0, 1, -2)
	balance := balanced(t, p, 0.5)
	linear := must(t)(problem.Linear{Of: p, N: n, Constant: 2}.New())
	return map[string]lr.Problem{
		"balance":           balance,
		"ridge":             must(t)(problem.Ridge{Of: p, Lambda: 0.3}.New()),
		"row norm":          must(t)(problem.RowNorm{Of: p, Lambda: 2, Alpha: 0.5}.New()),
		"linear":            linear,
		"linear, bare":      lr.UnregularisedOf(must(t)(problem.Ridge{Of: linear, Lambda: 1}.New())),
		"ridge and balance": must(t)(problem.Ridge{Of: balance, Lambda: 0.3}.New()),
	}
}

// Over robust PCA the majoriser has the term: the value and the gradient of the
// whole where it is made, and inside's Hessian with the term's.
func TestMajoriserWrapped(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 7, D2: 6, Rank: 2, Alpha: 0.2, Projection: sparse.Exact, Seed: 1})
	inside, err := p.Majoriser(randomPoint(p, 2, "point"))
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range wrappings(t, p) {
		t.Run(name, func(t *testing.T) {
			x, d := randomPoint(w, 2, "point"), randomPoint(w, 2, "direction")
			if !lr.MajorisedOf(w) {
				t.Fatal("no majoriser is claimed")
			}
			g, err := lr.MajoriserOf(w, x)
			if err != nil {
				t.Fatal(err)
			}
			lowranktest.TestProblem(t, g)
			value, grad, hess := derivatives(t, g, x, d)
			wantGrad := lr.NewPoint(w)
			want := w.NewEval().Grad(wantGrad, x)
			near(t, "value", 1e-12, scalar(value), scalar(want))
			nearFactors(t, "gradient", 1e-11, grad, wantGrad)

			// ∇²(g_x + Q) − ∇²g_x = ∇²Q = ∇²(f + Q) − ∇²f
			_, _, hessInside := derivatives(t, inside, x, d)
			_, _, hessWhole := derivatives(t, w, x, d)
			_, _, hessOf := derivatives(t, p, x, d)
			hess.AddScaled(-1, hessInside)
			hessWhole.AddScaled(-1, hessOf)
			nearFactors(t, "the term's Hessian product", 1e-10, hess, hessWhole)
			if (lr.UnregularisedOf(g) == g) != (lr.UnregularisedOf(w) == w) {
				t.Error("what is regularised has a majoriser that is not, or the other way round")
			}
			if truth, ok := lr.TruthOf(g); !ok || !truth.Equal(p.Truth()) {
				t.Error("the truth is lost")
			}
		})
	}
}

// It lies nowhere below the whole.
func TestMajoriserWrappedIsAbove(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.34, Projection: sparse.Exact, Seed: 3})
	all := wrappings(t, p)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		w := all[rapid.SampledFrom([]string{"balance", "ridge", "row norm", "linear", "ridge and balance"}).Draw(t, "term")]
		x, y := randomPoint(w, seed, "x"), randomPoint(w, seed, "y")
		y.Scale(rapid.Float64Range(0.1, 4).Draw(t, "size"))
		g, err := lr.MajoriserOf(w, x)
		if err != nil {
			t.Fatal(err)
		}
		if above, f := g.NewEval().Grad(nil, y), w.NewEval().Grad(nil, y); above < f-1e-12*(1+math.Abs(f)) {
			t.Fatalf("seed %d: the majoriser is %g, below %g", seed, above, f)
		}
	})
}

// Over what has no majoriser there is none, and a point that does not fit is
// refused.
func TestMajoriserWrappedInput(t *testing.T) {
	plain := balanced(t, made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 9}), 1)
	if lr.MajorisedOf(plain) {
		t.Error("a majoriser is claimed over sensing")
	}
	if _, err := lr.MajoriserOf(plain, lr.NewPoint(plain)); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("lr.MajoriserOf over sensing gives %v", err)
	}
	if _, err := plain.Majoriser(lr.NewPoint(plain)); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("Majoriser over sensing gives %v", err)
	}
	w := balanced(t, drawn(t, problem.RandomRobustPCA{D1: 10, D2: 8, Rank: 2, Alpha: 0.2}), 1)
	if _, err := lr.MajoriserOf(w, lr.NewFactors(10, 8, 3)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("a point of another rank gives %v", err)
	}
	x := lr.NewPoint(w)
	x.V.Copy(mat.NewDense(8, 2, nil))
	x.V.Set(1, 1, math.Inf(1))
	if _, err := w.Majoriser(x); !errors.Is(err, lr.ErrValue) {
		t.Errorf("an infinite point gives %v", err)
	}
}
