package solver_test

import (
	"context"
	"fmt"
	"log"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
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

// Two methods side by side, step by step, from one start.
func ExampleGD_barzilaiBorwein() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Spectral{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	plain, err := lr.Start(p, solver.GD{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	secant, err := lr.Start(p, solver.GD{Rule: solver.RuleBarzilaiBorwein}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	for plain.Next(ctx) && secant.Next(ctx) {
	}
	fmt.Println(plain.Trace().Status)
	fmt.Println(secant.Trace().Status)
	// Output:
	// running
	// converged (gradient)
}

func ExampleAccelerated() {
	p, err := problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Spectral{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.Accelerated{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Trace.Method)
	fmt.Println(res.Status)
	// Output:
	// Accelerated(restart)
	// converged (gradient)
}

func ExampleConjugateGradient() {
	p, err := problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.ConjugateGradient{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println("recovered:", lr.RelErr(res.X, truth) < 1e-8)
	// Output:
	// recovered: true
}

// Any objective that a cell can write down: here Σᵢⱼ (√(1 + e²) − 1) with
// e = Mᵢⱼ − Aᵢⱼ, which is not a least-squares one.
func ExampleLBFGS() {
	a := mat.NewDense(3, 2, []float64{2, 1, 4, 2, 6, 3})
	p := lr.Funcs{Name: "pseudo-Huber", D1: 3, D2: 2, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		var f float64
		if dst != nil {
			dst.Scale(0)
		}
		for i := range 3 {
			for j := range 2 {
				e := x.At(i, j) - a.At(i, j)
				root := math.Sqrt(1 + e*e)
				f += e * e / (1 + root) // root − 1, but exact for small e
				if dst != nil {
					dst.U.Set(i, 0, dst.U.At(i, 0)+e/root*x.V.At(j, 0))
					dst.V.Set(j, 0, dst.V.At(j, 0)+e/root*x.U.At(i, 0))
				}
			}
		}
		return f
	}}
	x0, err := initial.Random{Seed: 1}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.LBFGS{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v, M₃₁ = %.6f\n", res.Status, res.X.At(2, 0))
	// Output:
	// converged (gradient), M₃₁ = 6.000000
}

// From a saddle with a gradient of exactly 0, gradient descent goes nowhere.
func ExamplePerturbedGD() {
	a := mat.NewDiagDense(5, []float64{16, 9, 4, 1, 0})
	p, err := problem.Factorisation{A: a, Rank: 2, Symmetric: true}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Saddle{}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	o := &lr.Options{Stop: lr.RelErrBelow(1e-8)}
	for _, m := range []lr.Method{solver.GD{}, solver.PerturbedGD{Seed: 1}} {
		res, err := lr.Solve(context.Background(), p, m, x0, o)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(res.Status)
	}
	// Output:
	// stalled
	// converged (error)
}

func ExampleGonum() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	m := solver.Gonum{Method: &optimize.LBFGS{}}
	res, err := lr.Solve(context.Background(), p, m, x0, &lr.Options{Stop: lr.RelErrBelow(1e-6)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Trace.Method)
	fmt.Println(res.Status)
	// Output:
	// Gonum(LBFGS, Bisection, store 15)
	// converged (error)
}
