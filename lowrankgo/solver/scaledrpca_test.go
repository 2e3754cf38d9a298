package solver_test

import (
	"context"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	spread "github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

// gross is robust PCA as in the experiments of Tong, Ma, Chi 2021: M* of
// condition number κ with ‖M*‖₂ = 1, and S* what the threshold keeps of a
// matrix of standard normal numbers. The start is the spectral one for α, the
// problem itself has γ = 2.
func gross(t testing.TB, n, r int, alpha, kappa float64, seed uint64) (p *problem.Split, x0 *lr.Factors) {
	t.Helper()
	truth := conditioned(t, n, r, 1, kappa, seed).Truth()
	s, err := spread.Project(context.Background(), lr.NormalMatrix(lr.Stream(seed, "gross"), n, n), lr.SparseSet{Alpha: alpha}, spread.Threshold)
	if err != nil {
		t.Fatal(err)
	}
	data := s.Dense()
	data.Add(data, truth.Dense())
	for _, gamma := range []float64{1, 2} {
		p, err = problem.RobustPCA{Data: data, Rank: r, Alpha: alpha, Gamma: gamma, Truth: truth, TruthSparse: s}.New()
		if err != nil {
			t.Fatal(err)
		}
		if gamma == 1 {
			if x0, err = (initial.Spectral{Power: 20}).Point(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p, x0
}

// The number of steps does not depend on the condition number, as gradient
// descent's does: at n = 1000 the paper's code takes 114, 115, 120 and 118 for
// κ = 1, 5, 10 and 20.
func TestScaledGDOnRobustPCA(t *testing.T) {
	const n, r = 250, 3
	var first int
	for _, kappa := range []float64{1, 5, 20} {
		p, x0 := gross(t, n, r, 0.1, kappa, 1)
		o := &lr.Options{MaxIter: 400, Stop: lr.RelErrBelow(1e-10)}
		res := solveOn(t, p, solver.ScaledGD{Step: 0.5}, x0, o)
		if first == 0 {
			first = res.Iter
		}
		if res.Status != lr.ErrorConverged || res.Iter > first+first/5 {
			t.Errorf("κ = %g: %v after %d steps; want 1e-10 in about the %d of κ = 1", kappa, res.Status, res.Iter, first)
		}
		foundBoth(t, p, res, 1e-8)
		if plain := solveOn(t, p, solver.RobustGD{}, x0, o); kappa == 20 && plain.Iter < 3*res.Iter {
			t.Errorf("κ = %g: gradient descent takes %d steps, ScaledGD %d; want many more", kappa, plain.Iter, res.Iter)
		}
	}
}

// BenchmarkScaledGDOnRobustPCA reports the steps to a relative error of 1e-10
// at n = 1000, r = 10, α = 0.1, beside those of gradient descent. The paper's
// code needs 114, 115, 120, 118 for κ = 1, 5, 10, 20, on one instance; this one
// takes 117, 117, 118, 118. Others take 114 to 129 for κ = 1 and up to 212 for
// κ = 20: how late the last wrong entry leaves S is the instance's affair.
func BenchmarkScaledGDOnRobustPCA(b *testing.B) {
	for _, kappa := range []float64{1, 5, 10, 20} {
		p, x0 := gross(b, 1000, 10, 0.1, kappa, 4)
		for _, m := range []lr.Method{solver.ScaledGD{Step: 0.5}, solver.RobustGD{}} {
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
