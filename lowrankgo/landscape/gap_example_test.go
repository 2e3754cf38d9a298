package landscape_test

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// The matrix diag(3, 1, 0) is nearest to diag(4, 2, 1) among those of nuclear
// norm 4, which the gap proves: it is 0. In a larger ball there is a nearer one.
func ExampleNuclearGap() {
	p, err := problem.Factorisation{A: mat.NewDense(3, 3, []float64{4, 0, 0, 0, 2, 0, 0, 0, 1}), Rank: 2}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	u := mat.NewDense(3, 2, []float64{math.Sqrt(3), 0, 0, 1, 0, 0})
	x := &lr.Factors{U: u, V: mat.DenseCopyOf(u)}
	gap, err := landscape.NuclearGap(context.Background(), p, x, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("value %.2f\n", p.NewEval().Grad(nil, x))
	for _, tau := range []float64{4, 4.5, 7} {
		fmt.Printf("at most %.2f above the least over nuclear norm %.1f\n", math.Abs(gap.At(tau)), tau)
	}
	// Output:
	// value 1.50
	// at most 0.00 above the least over nuclear norm 4.0
	// at most 0.50 above the least over nuclear norm 4.5
	// at most 3.00 above the least over nuclear norm 7.0
}
