package solver_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// Each step is a pass over the measurements, twenty at a time.
func ExampleSGD() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.SGD{Batch: 20}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Trace.Method, res.Status)
	fmt.Println("passes:", res.Iter < 100)
	// Output:
	// SGD(step found, batch 20, seed 0) converged (gradient)
	// passes: true
}

// At a saddle the gradient is 0: gradient descent stays, noise leaves.
func ExampleNoisySGD() {
	p, err := problem.Factorisation{A: mat.NewDiagDense(4, []float64{9, 4, 1, 0}), Rank: 1, Symmetric: true}.New()
	if err != nil {
		log.Fatal(err)
	}
	saddle, err := initial.Saddle{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range []lr.Method{solver.GD{Step: 0.02}, solver.NoisySGD{Seed: 1}} {
		res, err := lr.Solve(context.Background(), p, m, saddle, &lr.Options{MaxIter: 500, Stop: lr.RelErrBelow(0.1)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Name(), res.Status, res.X.Equal(saddle))
	}
	// Output:
	// GD(step 0.02) iteration limit true
	// NoisySGD(step found, seed 1) converged (error) false
}
