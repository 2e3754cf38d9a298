package lowrankgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

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

// A run is saved, and a second one goes on from there: to the bit, it is as if
// nothing had happened.
func ExampleResume() {
	p, m, ctx := saddle(), solver.GD{Step: 0.2}, context.Background()
	run, err := lr.Start(p, m, at(2, 0.25), &lr.Options{MaxIter: 3})
	if err != nil {
		log.Fatal(err)
	}
	for run.Next(ctx) {
	}
	var file bytes.Buffer
	if err := run.Save(&file); err != nil {
		log.Fatal(err)
	}

	again, err := lr.Resume(p, m, &file, &lr.Options{MaxIter: 5})
	if err != nil {
		log.Fatal(err)
	}
	for again.Next(ctx) {
		fmt.Printf("%d: uv = %.6f\n", again.Row().Iter, again.Point().At(0, 0))
	}
	whole, err := lr.Solve(ctx, p, m, at(2, 0.25), &lr.Options{MaxIter: 5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same bits:", again.Result().X.Equal(whole.X))
	// Output:
	// 4: uv = 0.999811
	// 5: uv = 0.999977
	// the same bits: true
}

// A run saves itself every 1000 steps, and whenever it ends. The file is all
// that is needed to go on, in another process, with a larger limit.
func ExampleResumeFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "run.checkpoint")
	p, m, ctx := saddle(), solver.GD{}, context.Background()
	first, err := lr.Solve(ctx, p, m, at(0.1, 0), &lr.Options{MaxIter: 2, Checkpoint: lr.Checkpoint{Path: path, Every: 1000}})
	if err != nil {
		log.Fatal(err)
	}
	run, err := lr.ResumeFile(p, m, path, nil)
	if err != nil {
		log.Fatal(err)
	}
	for run.Next(ctx) {
	}
	fmt.Println(first.Status, "and then", run.Trace().Status)

	_, err = lr.ResumeFile(p, solver.GD{Step: 0.1}, path, nil)
	fmt.Println(errors.Is(err, lr.ErrCheckpoint))
	// Output:
	// iteration limit and then converged (gradient)
	// true
}

// SaveFile writes a checkpoint at any time.
func ExampleRun_SaveFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	run, err := lr.Start(saddle(), solver.GD{}, at(1, 0), nil)
	if err != nil {
		log.Fatal(err)
	}
	run.Next(context.Background())
	fmt.Println(run.SaveFile(filepath.Join(dir, "now")))
	// Output: <nil>
}

// Two methods, side by side and step by step.
func ExampleRun_Next() {
	ctx := context.Background()
	a, err := lr.Start(saddle(), solver.GD{Step: 0.2}, at(2, 0.25), &lr.Options{MaxIter: 3})
	if err != nil {
		log.Fatal(err)
	}
	b, err := lr.Start(saddle(), solver.LBFGS{}, at(2, 0.25), &lr.Options{MaxIter: 3})
	if err != nil {
		log.Fatal(err)
	}
	for a.Next(ctx) && b.Next(ctx) {
		fmt.Printf("%d: GD %.0e, L-BFGS %.0e\n", a.Row().Iter, a.Row().Loss, b.Row().Loss)
	}
	// Output:
	// 0: GD 1e-01, L-BFGS 1e-01
	// 1: GD 4e-03, L-BFGS 2e-04
	// 2: GD 7e-05, L-BFGS 6e-07
	// 3: GD 1e-06, L-BFGS 6e-12
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
