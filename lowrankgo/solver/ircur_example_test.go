package solver_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// A matrix of 3000×3000 entries, a third of them wrong, of which a few rows and
// columns are computed in each step and none is stored.
func ExampleIRCUR() {
	p, err := problem.RandomRobustPCA{D1: 3000, D2: 3000, Rank: 3, Alpha: 0.33, Gamma: 1.3, Uniform: true, MatrixFree: true, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Zero{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.IRCUR{Seed: 1}, x0, &lr.Options{MaxIter: 25})
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println("recovered:", lr.RelErr(res.X, truth) < 1e-4)
	// Output:
	// recovered: true
}

// The convex form needs no start: its answer does not depend on it.
func ExamplePCP() {
	p, err := problem.RandomRobustPCA{D1: 80, D2: 60, Rank: 2, Alpha: 0.1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Zero{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.PCP{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := res.Sparse()
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	split, _ := lr.SplitOf(p)
	fmt.Println(res.Status)
	fmt.Println("recovered:", lr.RelErr(res.X, truth) < 1e-5, s.NNZ() == split.Truth.NNZ())
	// Output:
	// converged (residual)
	// recovered: true true
}
