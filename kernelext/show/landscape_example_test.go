package show_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lowrankgo/lowrank/kernelext/show"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// diagonal is the factorisation of diag(4, 1) by one column, its saddle, which
// has the smaller entry alone, and a minimiser.
func diagonal() (p lr.Problem, saddle, end *lr.Factors, err error) {
	q, err := problem.Factorisation{A: mat.NewDense(2, 2, []float64{4, 0, 0, 1}), Rank: 1, Symmetric: true}.New()
	if err != nil {
		return nil, nil, nil, err
	}
	saddle, err = initial.Saddle{}.Point(q)
	return q, saddle, &lr.Factors{U: mat.NewDense(2, 1, []float64{2, 0})}, err
}

func ExampleLandscape() {
	p, saddle, end, err := diagonal()
	if err != nil {
		fmt.Println(err)
		return
	}
	across := &lr.Factors{U: mat.NewDense(2, 1, []float64{0, 1})}
	fmt.Println(show.Landscape{
		Title: "Between a saddle and a minimiser", Problem: p, Center: saddle, To: end, Across: across,
		Points: []show.LandscapePoint{{Name: "saddle", X: saddle}, {Name: "minimiser", X: end}},
	}.Figure())
	// Output:
	// Between a saddle and a minimiser
	//   x: saddle (0) to minimiser (1), distance 2.24; y: along a second direction, same unit
	//   slice of g of Factorisation(Identity(2×2), rank 1, M = UUᵀ, weight 1) by a plane, 61×61 values from 0.5016 to 48.35
	//   unit 2.236 in the Frobenius norm over both factors; the second axis is orthogonal to the first
	//   saddle at (0, 0), in the plane; g = 8; not certified
	//   minimiser at (1, 0), in the plane; g = 0.5; not certified
}

func ExampleProfile() {
	p, saddle, _, err := diagonal()
	if err != nil {
		fmt.Println(err)
		return
	}
	down := &lr.Factors{U: mat.NewDense(2, 1, []float64{1, 0})}
	f := show.Profile{Problem: p, Center: saddle, Along: down, X0: -1, X1: 3}.Figure()
	fmt.Println(f)
	// Output:
	// Profile of the objective
	//   x: step along a direction, unit 1; y: g
	//   Factorisation(Identity(2×2), rank 1, M = UUᵀ, weight 1) along a line, step -1 to 3 in units of 1, Frobenius norm over both factors
	//   at 0: g = 8, slope 0, curvature -6; lowest on the line 3.5 at 1.74
}

func ExampleSpectrum() {
	p, saddle, end, err := diagonal()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(show.Spectrum{Problem: p, Points: []show.LandscapePoint{{Name: "saddle", X: saddle}, {Name: "minimiser", X: end}}}.Figure())
	// Output:
	// Spectrum of the Hessian
	//   x: eigenvalue of the Hessian
	//   axis linear between ±1, logarithmic beyond
	//   saddle: 2 eigenvalues, 1 negative, 0 zero to rounding; smallest -6, largest 4
	//   minimiser: 2 eigenvalues, 0 negative, 0 zero to rounding; smallest 6, largest 16
}

func ExampleVerdicts() {
	p, saddle, _, err := diagonal()
	if err != nil {
		fmt.Println(err)
		return
	}
	// Gradient descent from beside the saddle, certified at every tenth step.
	x, grad, eval := saddle.Clone(), saddle.Clone(), p.NewEval()
	x.U.Set(0, 0, 1e-6)
	loss := show.Series{Name: "loss above its least value"}
	var points []show.Certified
	for k := 0; k <= 250; k++ {
		loss.Y = append(loss.Y, eval.Grad(grad, x)-0.5)
		if k%10 == 0 {
			c, err := landscape.Certify(context.Background(), p, x, &landscape.Options{Theta: 0.5})
			if err != nil {
				fmt.Println(err)
				return
			}
			points = append(points, show.Certified{Iter: k, Certificate: c})
		}
		x.AddScaled(-0.02, grad)
	}
	f := show.Verdicts{Curve: loss, Points: points}.Figure()
	fmt.Println(len(f.Plots), f.Err())
	// Output: 2 <nil>
}
