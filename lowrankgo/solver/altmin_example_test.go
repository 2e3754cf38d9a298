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

// Completion by alternating least squares: no step to choose.
func ExampleAltMin() {
	p, err := problem.RandomCompletion{D1: 60, D2: 50, Rank: 2, P: 0.5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.AltMin{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println(res.Status, res.Iter < 60)
	fmt.Println("recovered:", lr.RelErr(res.X, truth) < 1e-8)
	// Output:
	// converged (gradient) true
	// recovered: true
}

// Any other operator goes through LSQR.
func ExampleAltMin_sensing() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.AltMin{Inner: solver.InnerLSQR}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Trace.Method, res.Status, res.Iter < 60)
	// Output:
	// AltMin(LSQR) converged (gradient) true
}
