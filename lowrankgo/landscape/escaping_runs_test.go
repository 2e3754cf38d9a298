package landscape_test

import (
	"context"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestEscapingWhatConvergesToASaddle: from a point on the way to a saddle, which
// is invariant, plain methods converge to the saddle, most by the default rule; wrapped
// ones pass it and end at the minimum.
func TestEscapingWhatConvergesToASaddle(t *testing.T) {
	a := mat.NewDense(4, 4, nil)
	for i, v := range []float64{4, 1, 0.5, 0} {
		a.Set(i, i, v)
	}
	p := built(problem.Factorisation{A: a, Rank: 1, Symmetric: true}.New())(t)
	x0 := &lr.Factors{U: mat.NewDense(4, 1, []float64{0, 0.6, 0, 0})}
	const saddle, minimum = (16 + 0.25) / 2, (1 + 0.25) / 2
	for _, m := range []lr.Method{solver.GD{}, solver.GD{Rule: solver.RuleArmijo}, solver.Accelerated{}, solver.ConjugateGradient{}, solver.LBFGS{}, solver.ScaledGD{}} {
		plain := built(lr.Solve(context.Background(), p, m, x0, nil))(t)
		if !settled(plain.Status) || math.Abs(plain.Trace.Last().Loss-saddle) > 1e-9 {
			t.Errorf("%s alone ends with status %q at %g; the saddle has %g", m.Name(), plain.Status, plain.Trace.Last().Loss, saddle)
		}
		res := built(lr.Solve(context.Background(), p, landscape.Escaping{Method: m}, x0, nil))(t)
		if !settled(res.Status) || math.Abs(res.Trace.Last().Loss-minimum) > 1e-9 {
			t.Errorf("%s ends with status %q at %g; the minimum has %g", landscape.Escaping{Method: m}.Name(), res.Status, res.Trace.Last().Loss, minimum)
		}
	}
}

// settled is converged, or as far as the values let one see.
func settled(s lr.Status) bool { return s.Converged() || s == lr.Stalled }

// TestEscapingOtherMethods: those that need more of a problem, from 0.
func TestEscapingOtherMethods(t *testing.T) {
	p := built(problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 0.9, Seed: 4}.New())(t)
	for _, m := range []lr.Method{solver.SGD{Batch: 10, Seed: 1}, solver.AltMin{}, solver.AltMin{Inner: solver.InnerLSQR}, solver.NoisySGD{Batch: 10, Seed: 1}} {
		res := built(lr.Solve(context.Background(), p, landscape.Escaping{Method: m}, lr.NewPoint(p), &lr.Options{MaxIter: 3000, Stop: lr.RelErrBelow(5e-3)}))(t)
		if !res.Status.Converged() {
			t.Errorf("%s ends with status %q at relative error %g", m.Name(), res.Status, res.Trace.Last().RelErr)
		}
	}
	t.Run("suite", func(t *testing.T) {
		lowranktest.TestMethod(t, landscape.Escaping{Method: solver.SGD{Batch: 10, Seed: 1}}, p, lr.NewPoint(p), lowranktest.MethodOptions{Allocates: true})
	})
}

// TestEscapingRobustPCA: 0 is a saddle of robust PCA, found by its majoriser.
func TestEscapingRobustPCA(t *testing.T) {
	p := built(problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 1, Alpha: 0.05, Gamma: 3, Seed: 1}.New())(t)
	for _, m := range []lr.Method{solver.GD{}, solver.LBFGS{}, solver.RobustGD{}} {
		res := built(lr.Solve(context.Background(), p, landscape.Escaping{Method: m}, lr.NewPoint(p), nil))(t)
		if e := res.Trace.Last().RelErr; !(e < 1e-6) {
			t.Errorf("%s ends with status %q at relative error %g", m.Name(), res.Status, e)
		}
	}
}

// TestEscapingFromAnySaddle: factorisations have no other minima than the global
// ones, so that from every saddle that leaves out some pairs a wrapped method
// ends at the best approximation (Eckart, Young).
func TestEscapingFromAnySaddle(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d1, d2 := rapid.IntRange(2, 7).Draw(r, "d1"), rapid.IntRange(2, 7).Draw(r, "d2")
		k := min(d1, d2)
		rank := rapid.IntRange(1, k-1).Draw(r, "rank")
		a := lr.NormalMatrix(lr.Stream(rapid.Uint64().Draw(r, "seed"), "A"), d1, d2)
		var svd mat.SVD
		if !svd.Factorize(a, mat.SVDNone) {
			r.Skip("no SVD")
		}
		sigma, want := svd.Values(nil), 0.0
		for i, s := range sigma {
			if i+1 < k && s-sigma[i+1] < 0.05*sigma[0] {
				r.Skip("singular values are too near each other for a sharp end")
			}
			if i >= rank {
				want += s * s / 2
			}
		}
		p, err := problem.Factorisation{A: a, Rank: rank}.New()
		if err != nil {
			r.Fatal(err)
		}
		x, err := initial.Saddle{Without: []int{rapid.IntRange(0, rank-1).Draw(r, "without")}}.Point(p)
		if err != nil {
			r.Fatal(err)
		}
		res, err := lr.Solve(context.Background(), p, landscape.Escaping{Method: solver.LBFGS{}}, x, nil)
		if err != nil {
			r.Fatal(err)
		}
		if got := res.Trace.Last().Loss; !settled(res.Status) || math.Abs(got-want) > 1e-8*(1+want) {
			r.Fatalf("it ends with status %q at %.12g after %d steps; the least is %.12g", res.Status, got, res.Iter, want)
		}
	})
}

// counting counts the calls of its evaluators.
type counting struct {
	*problem.Quadratic
	grads, products *int
}

func (c counting) NewEval() lr.Evaluator {
	h, _ := lr.HessVecOf(c.Quadratic)
	return &countingEval{h, c}
}

type countingEval struct {
	of lr.HessVec
	c  counting
}

func (e *countingEval) Grad(dst, x *lr.Factors) float64 {
	*e.c.grads++
	return e.of.Grad(dst, x)
}

func (e *countingEval) HessVec(dst, x, d *lr.Factors) {
	*e.c.products++
	e.of.HessVec(dst, x, d)
}

// TestEscapingCounts: Evals is the number of evaluations, a product as two, from
// a saddle and while it converges.
func TestEscapingCounts(t *testing.T) {
	a := mat.NewDense(5, 5, nil)
	for i, v := range []float64{9, 4, 1} {
		a.Set(i, i, v)
	}
	for _, m := range []lr.Method{solver.GD{}, solver.LBFGS{}} {
		for _, differences := range []bool{false, true} {
			var grads, products int
			p := counting{built(problem.Factorisation{A: a, Rank: 1}.New())(t), &grads, &products}
			e := landscape.Escaping{Method: m, Options: landscape.Options{Differences: differences}}
			st := built(e.Start(p, lr.NewPoint(p)))(t)
			for k := range 60 {
				if got, want := st.Info().Evals, grads+2*products; got != want {
					t.Fatalf("%s, differences %t, step %d: Evals is %d; %d gradients and %d products were made", m.Name(), differences, k, got, grads, products)
				}
				if st.Step(context.Background()) != nil {
					break
				}
			}
			if differences != (products == 0) {
				t.Errorf("differences %t: %d products", differences, products)
			}
		}
	}
	var grads, products int
	p := counting{built(problem.Factorisation{A: a, Rank: 1}.New())(t), &grads, &products}
	esc := built(landscape.Escape(context.Background(), p, lr.NewPoint(p)))(t)
	if want := grads + 2*products; esc.Evals != want {
		t.Errorf("an escape says %d evaluations; %d were made", esc.Evals, want)
	}
	if esc.String() == "" {
		t.Error("an escape does not print")
	}
}
