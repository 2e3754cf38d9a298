package problem_test

import (
	"context"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// From random starts the paper's own objective, with its regulariser, gives
// back both parts.
func TestRandomRobustPCAIsRecovered(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"plain":     {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Seed: 1},
		"symmetric": {D1: 60, Rank: 2, Alpha: 0.1, Seed: 2, Symmetric: true},
		"missing":   {D1: 80, D2: 70, Rank: 2, Alpha: 0.1, Gamma: 1.5, Observed: 0.7, Seed: 3},
		"uniform":   {D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Gamma: 3, Uniform: true, OutlierRange: 1, Seed: 4},
	} {
		t.Run(name, func(t *testing.T) {
			split, err := c.New()
			if err != nil {
				t.Fatal(err)
			}
			var p lr.Problem = split
			if !c.Symmetric {
				p = balanced(t, p, 0.5)
			}
			x0, err := initial.Random{Seed: 7}.Point(p)
			if err != nil {
				t.Fatal(err)
			}
			res, err := lr.Solve(context.Background(), p, solver.LBFGS{}, x0, &lr.Options{MaxIter: 2000})
			if err != nil {
				t.Fatal(err)
			}
			if e := lr.RelErr(res.X, split.Truth()); e > 1e-8 {
				t.Errorf("relative error %g after %d steps, status %v", e, res.Iter, res.Status)
			}
		})
	}
}
