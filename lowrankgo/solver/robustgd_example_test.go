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

// Robust PCA with a third of the entries observed, of which a tenth is wrong.
func ExampleRobustGD() {
	p, err := problem.RandomRobustPCA{D1: 150, D2: 120, Rank: 2, Alpha: 0.1, Gamma: 1.5, Observed: 0.35, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Spectral{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.RobustGD{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := res.Sparse()
	if err != nil {
		log.Fatal(err)
	}
	rows, _ := s.Counts()
	fmt.Println(res.Status, lr.RelErr(res.X, p.Truth()) < 1e-8)
	fmt.Println("entries of S in row 0:", rows[0] > 0)
	// Output:
	// converged (gradient) true
	// entries of S in row 0: true
}
