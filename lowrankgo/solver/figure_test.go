package solver_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// figure2 is the experiment of [L] Fig 2 a,b: sensing at 40×50, rank 5, with
// 750 measurements, and gradient descent with step 7e-6 from a small start.
func figure2(t testing.TB, sensing lr.Problem, mu float64) *lr.Result {
	t.Helper()
	p := balanced(t, sensing, mu)
	x0 := start(t, initial.Random{Scale: 0.01, Seed: 2}, p)
	return solve(t, p, solver.GD{Step: 7e-6}, x0, &lr.Options{MaxIter: 5000, Stop: lr.SqErrBelow(1e-20)})
}

func paperSensing(t testing.TB) lr.Problem {
	return made(t, problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1})
}

// TestFigure2 is the known result: the error falls below 1e-20 in 1,500 to
// 3,200 iterations, with balancing or without.
func TestFigure2(t *testing.T) {
	sensing := paperSensing(t)
	for _, mu := range []float64{0, 1e-2} {
		t.Run(fmt.Sprint("mu=", mu), func(t *testing.T) {
			res := figure2(t, sensing, mu)
			if res.Status != lr.ErrorConverged || res.Iter < 1500 || res.Iter > 3200 {
				t.Errorf("%v after %d iterations with squared error %g; want below 1e-20 in 1500 to 3200", res.Status, res.Iter, res.Trace.Last().SqErr)
			}
			if fit := sensing.NewEval().Grad(nil, res.X); fit > 1e-16 {
				t.Errorf("fitting error %g, want below 1e-16", fit)
			}
		})
	}
}

// BenchmarkFig2 runs the figure: five values of μ to a squared error of 1e-20.
func BenchmarkFig2(b *testing.B) {
	sensing := paperSensing(b)
	b.ResetTimer()
	for b.Loop() {
		iterations := 0
		for _, mu := range []float64{1e-1, 1e-2, 1e-3, 1e-4, 0} {
			res := figure2(b, sensing, mu)
			if res.Status != lr.ErrorConverged {
				b.Fatalf("μ = %g: %v", mu, res.Status)
			}
			iterations += res.Iter
		}
		b.ReportMetric(float64(iterations), "iterations")
	}
}
