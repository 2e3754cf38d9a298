package landscape_test

import (
	"context"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
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
