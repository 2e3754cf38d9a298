package solver_test

import (
	"context"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// conditioned is completion of a random n×n matrix of rank r with singular
// values evenly spaced from 1 to 1/κ, as in Tong, Ma, Chi 2021.
func conditioned(t testing.TB, n, r int, p, kappa float64, seed uint64) *problem.Quadratic {
	t.Helper()
	return made(t, problem.RandomCompletion{D1: n, D2: n, Rank: r, P: p, Kappa: kappa, Seed: seed})
}

// spectral is the spectral start.
func spectral(t testing.TB, p lr.Problem, seed uint64) *lr.Factors {
	t.Helper()
	x, err := initial.Spectral{Seed: seed}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// stepsTo is how many steps m takes to a relative error of 1e-10, at most 1000.
func stepsTo(t testing.TB, p lr.Problem, m lr.Method, x0 *lr.Factors) int {
	t.Helper()
	res, err := lr.Solve(context.Background(), p, m, x0, &lr.Options{MaxIter: 1000, Stop: lr.RelErrBelow(1e-10)})
	if err != nil {
		t.Fatal(err)
	}
	return res.Iter
}

// BenchmarkConditioning reports the steps to a relative error of 1e-10 of
// ScaledGD, with the step of its paper and with the step found, and of gradient
// descent with ½/σ1, at n = 1000, r = 10, p = 0.2. The paper's code needs 74, 74,
// 74, 75 steps for κ = 1, 5, 10, 20, and with gradient descent 74, 298, 639 and
// more than 1000.
func BenchmarkConditioning(b *testing.B) {
	for _, kappa := range []float64{1, 5, 10, 20} {
		p := conditioned(b, 1000, 10, 0.2, kappa, 1)
		x0 := spectral(b, p, 1)
		for _, m := range []lr.Method{solver.ScaledGD{Step: 0.5}, solver.ScaledGD{}, solver.GD{Step: 0.5}} {
			b.Run(fmt.Sprintf("κ=%g/%s", kappa, m.Name()), func(b *testing.B) {
				steps := 0
				for b.Loop() {
					steps = stepsTo(b, p, m, x0)
				}
				b.ReportMetric(float64(steps), "steps")
			})
		}
	}
}
