package landscape_test

import (
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
