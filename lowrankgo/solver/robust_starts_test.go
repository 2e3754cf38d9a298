package solver_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// Theorem 5 of Ge, Jin, Zheng 2017: the objective of robust PCA with its
// regulariser, (6), has no other local minima than M*, so that descent gets
// there from anywhere.
func TestPapersOwnFromRandomStarts(t *testing.T) {
	for _, c := range []problem.RandomRobustPCA{
		{D1: 80, D2: 70, Rank: 2, Alpha: 0.05, Gamma: 2, Seed: 1},
		{D1: 90, D2: 90, Rank: 3, Alpha: 0.05, Gamma: 2, Kappa: 3, Seed: 2},
	} {
		p := spiked(t, c)
		balanced, err := problem.Balance{Of: p, Mu: 0.5}.New()
		if err != nil {
			t.Fatal(err)
		}
		reach(t, p, balanced)
	}
}

// So does Theorem 15 say of (12), whose M is UUᵀ.
func TestPapersOwnSymmetricFromRandomStarts(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 80, Rank: 2, Alpha: 0.05, Gamma: 2, Symmetric: true, Seed: 3})
	reach(t, p, p)
}

// reach descends on of, which is p with or without a regulariser, from some
// starts.
func reach(t *testing.T, p *problem.Split, of lr.Problem) {
	for _, m := range []lr.Method{solver.GD{}, solver.LBFGS{}, solver.ScaledGD{}} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%v/%s/start %d", p, m.Name(), seed), func(t *testing.T) {
				x0, err := initial.Random{Seed: seed, Scale: 0.1}.Point(of)
				if err != nil {
					t.Fatal(err)
				}
				res := solveOn(t, of, m, x0, &lr.Options{MaxIter: 3000, Stop: lr.GradReduced(1e-8)})
				foundBoth(t, p, res, 1e-6)
			})
		}
	}
}
