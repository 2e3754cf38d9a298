package landscape_test

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func ExampleEscape() {
	p, err := problem.Factorisation{A: mat.NewDense(3, 3, []float64{4, 0, 0, 0, 1, 0, 0, 0, 0}), Rank: 1, Symmetric: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	saddle := &lr.Factors{U: mat.NewDense(3, 1, []float64{0, 1, 0})} // the factor of the smaller pair
	e, err := landscape.Escape(context.Background(), p, saddle)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("curvature %.3f: the value falls from %.3f to %.3f\n", e.Curvature, e.Before, e.After)
	// Output: curvature -6.000: the value falls from 8.000 to 4.261
}

func ExampleEscaping() {
	p, err := problem.Factorisation{A: mat.NewDense(3, 3, []float64{4, 0, 0, 0, 1, 0, 0, 0, 0}), Rank: 1, Symmetric: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	saddle := &lr.Factors{U: mat.NewDense(3, 1, []float64{0, 1, 0})}
	for _, m := range []lr.Method{solver.LBFGS{}, landscape.Escaping{Method: solver.LBFGS{}}} {
		res, err := lr.Solve(context.Background(), p, m, saddle, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v, value %.3f\n", res.Status, res.Trace.Last().Loss)
	}
	// Output:
	// stalled, value 8.000
	// converged (gradient), value 0.500
}
