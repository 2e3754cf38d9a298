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

// ScaledGD with the step of its paper, from a spectral start.
func ExampleScaledGD() {
	p, err := problem.RandomCompletion{D1: 60, D2: 50, Rank: 2, P: 0.5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Spectral{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range []lr.Method{solver.ScaledGD{Step: 0.5}, solver.ScaledGD{}} {
		res, err := lr.Solve(context.Background(), p, m, x0, &lr.Options{Stop: lr.RelErrBelow(1e-10)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Name(), res.Status, res.Iter < 150)
	}
	// Output:
	// ScaledGD(step 0.5) converged (error) true
	// ScaledGD(step found) converged (error) true
}

// Four columns for a matrix of rank 2: damping that follows the error.
func ExampleScaledGD_overParameterised() {
	two, err := problem.GaussianSensing{D1: 15, D2: 12, Rank: 2, M: 400, Seed: 1, Scale: problem.ScaleMean}.New()
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(two)
	p, err := problem.Sensing{
		Operator: two.Operator(), B: two.Measurements(), Rank: 4, Scale: problem.ScaleMean, Truth: truth,
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.ScaledGD{ErrorDamping: 0.1}, x0, &lr.Options{Stop: lr.RelErrBelow(1e-8)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	// Output:
	// converged (error)
}
