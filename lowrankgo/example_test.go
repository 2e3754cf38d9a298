package lowrankgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// A problem, a start, a method: the whole way.
func Example() {
	p, err := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Scale: 0.01, Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.GD{}, x0, &lr.Options{Stop: lr.SqErrBelow(1e-20)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status, res.Trace.Last().SqErr < 1e-20)
	// Output:
	// converged (error) true
}

// Next advances a run row by row.
func ExampleStart() {
	run, err := lr.Start(saddle(), solver.GD{Step: 0.2}, at(2, 0.25), &lr.Options{MaxIter: 3})
	if err != nil {
		log.Fatal(err)
	}
	for run.Next(context.Background()) {
		fmt.Printf("%d: uv = %.3f\n", run.Row().Iter, run.Point().At(0, 0))
	}
	fmt.Println(run.Trace().Status)
	// Output:
	// 0: uv = 0.500
	// 1: uv = 0.911
	// 2: uv = 0.988
	// 3: uv = 0.998
	// iteration limit
}

// saddle is ½(1 − uv)², Example I.1 of arXiv:2003.10981.
func saddle() lr.Funcs {
	return lr.Funcs{
		Name: "½(1 − uv)²", D1: 1, D2: 1, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			u, v := x.U.At(0, 0), x.V.At(0, 0)
			if dst != nil {
				dst.U.Set(0, 0, -(1-u*v)*v)
				dst.V.Set(0, 0, -(1-u*v)*u)
			}
			return (1 - u*v) * (1 - u*v) / 2
		},
	}
}

func at(u, v float64) *lr.Factors {
	return &lr.Factors{U: mat.NewDense(1, 1, []float64{u}), V: mat.NewDense(1, 1, []float64{v})}
}

// An objective may be made of functions.
func ExampleFuncs() {
	res, err := lr.Solve(context.Background(), saddle(), solver.GD{}, at(0.1, 0), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v at uv = %.6f\n", res.Status, res.X.At(0, 0))
	// Output:
	// converged (gradient) at uv = 1.000000
}

// Rules combine.
func ExampleAny() {
	stop := lr.Any(lr.LossBelow(1e-3), lr.StalledFor(50, 1e-12))
	res, err := lr.Solve(context.Background(), saddle(), solver.GD{}, at(1, 0), &lr.Options{Stop: stop})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	// Output:
	// converged (loss)
}

// Cancellation keeps what was reached.
func ExampleSolve_canceled() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	res, err := lr.Solve(ctx, saddle(), solver.GD{Step: 0.01}, at(1, 0), &lr.Options{
		OnRow: func(r lr.Row) bool {
			if r.Iter == 10 {
				cancel()
			}
			return true
		},
	})
	fmt.Println(errors.Is(err, lr.ErrCanceled), res.Status, res.Iter)
	// Output:
	// true canceled 10
}

// A wrong shape is an error that says what is wanted.
func ExampleCheckPoint() {
	fmt.Println(lr.CheckPoint(saddle(), lr.NewFactors(2, 1, 1)))
	// Output:
	// lowrankgo: the point has U 2×1, V 1×1; ½(1 − uv)² wants U 1×1, V 1×1: shapes do not fit
}
