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

// GD{} finds its own steps.
func ExampleGD() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.GD{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println(res.Status)
	fmt.Println("recovered:", lr.RelErr(res.X, truth) < 1e-8)
	// Output:
	// converged (gradient)
	// recovered: true
}

// A step that is too long is an error, beside the last finite point.
func ExampleGD_diverged() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.GD{Step: 1}, x0, nil)
	fmt.Println(err != nil, res.Status, res.X.Finite())
	// Output:
	// true diverged true
}
