package solver_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// A matrix of rank 3 of which every twentieth entry is grossly wrong and every
// fifth is missing.
func ExampleAccAltProj() {
	p, err := problem.RandomRobustPCA{D1: 200, D2: 150, Rank: 3, Alpha: 0.1, Outliers: 0.05, Observed: 0.8, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.AccAltProj{}, lr.NewPoint(p), nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := res.Sparse()
	if err != nil {
		log.Fatal(err)
	}
	split, _ := lr.SplitOf(p)
	fmt.Println(res.Status, res.Iter < 40)
	fmt.Println("recovered:", res.Trace.Last().RelErr < 1e-6)
	fmt.Println("as many outliers as there are:", s.NNZ() == split.Truth.NNZ())
	// Output:
	// converged (residual) true
	// recovered: true
	// as many outliers as there are: true
}

// Stages of growing rank, for a matrix whose singular values are far apart.
func ExampleAltProj() {
	p, err := problem.RandomRobustPCA{D1: 200, D2: 150, Rank: 3, Kappa: 50, Alpha: 0.1, Outliers: 0.05, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.AltProj{}, lr.NewPoint(p), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Trace.Method, res.Status)
	fmt.Println("recovered:", res.Trace.Last().RelErr < 1e-6)
	// Output:
	// AltProj(decay 0.5) converged (residual)
	// recovered: true
}
