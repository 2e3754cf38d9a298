package landscape_test

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// twoNodes see one column each of a matrix that is not of rank 1.
func twoNodes() (landscape.Consensus, error) {
	c := landscape.Consensus{Weights: mat.NewDense(2, 2, []float64{0, 1, 1, 0})}
	for _, column := range [][]float64{{1, 0}, {0, 1}} {
		p, err := problem.Factorisation{A: mat.NewDense(2, 1, column), Rank: 1}.New()
		if err != nil {
			return c, err
		}
		c.Parts = append(c.Parts, p)
	}
	return c, nil
}

// The identity holds at every point: it is not about critical points.
func ExampleConsensus_Identity() {
	c, err := twoNodes()
	if err != nil {
		fmt.Println(err)
		return
	}
	rng := lr.Stream(1, "example")
	us := []*mat.Dense{lr.NormalMatrix(rng, 2, 1), lr.NormalMatrix(rng, 2, 1)}
	vs := []*mat.Dense{lr.NormalMatrix(rng, 1, 1), lr.NormalMatrix(rng, 1, 1)}
	n, err := c.Identity(us, vs)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.6f = %.6f\n", n.Identity.Left, n.Identity.Right)
	// Output:
	// 0.502773 = 0.502773
}

// Without a common X* the distributed objective has no minimiser: at (tU, V/t)
// each node fits its own column, and the penalty vanishes with t. The least value of
// the centralised problem is ½, the square of the second singular value, halved.
func ExampleConsensus_AlongScaling() {
	c, err := twoNodes()
	if err != nil {
		fmt.Println(err)
		return
	}
	us := []*mat.Dense{mat.NewDense(2, 1, []float64{1, 0}), mat.NewDense(2, 1, []float64{0, 1})}
	vs := []*mat.Dense{mat.NewDense(1, 1, []float64{1}), mat.NewDense(1, 1, []float64{1})}
	values, err := c.AlongScaling(us, vs, 1, 0.1, 0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2g\n", values)
	// Output:
	// [2 0.02 0.0002]
}

// A minimiser of the centralised problem, over nodes without a common X*, is a
// strict saddle of the distributed one, which can let the copies of U differ. Along
// directions that keep them together both have the same curvature.
func ExampleConsensus_Curvature() {
	c, err := twoNodes()
	if err != nil {
		fmt.Println(err)
		return
	}
	u := mat.NewDense(2, 1, []float64{1, 0}) // the best of rank 1 for [e1, e2]
	vs := []*mat.Dense{mat.NewDense(1, 1, []float64{1}), mat.NewDense(1, 1, []float64{0})}
	rng := lr.Stream(3, "example")
	du := lr.NormalMatrix(rng, 2, 1)
	dvs := []*mat.Dense{lr.NormalMatrix(rng, 1, 1), lr.NormalMatrix(rng, 1, 1)}
	k, err := c.Curvature(u, vs, du, dvs)
	if err != nil {
		fmt.Println(err)
		return
	}
	low, err := c.LambdaMin(context.Background(), []*mat.Dense{u, u}, vs)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("both curvatures agree: %t; λmin of (II.5) is %.4f\n", k.Holds(1e-14), low)
	// Output:
	// both curvatures agree: true; λmin of (II.5) is -0.1451
}
