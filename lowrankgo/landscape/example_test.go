package landscape_test

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// The same objective at 0, where its gradient is 0 and no gradient method would
// notice, and at its solution.
func ExampleCertify() {
	a := mat.NewDense(4, 3, []float64{
		3, 0, 0,
		0, 2, 0,
		0, 0, 1,
		0, 0, 0,
	})
	p, err := problem.Factorisation{A: a, Rank: 1}.New()
	if err != nil {
		panic(err)
	}
	zero := lr.NewFactors(4, 3, 1)
	solution := lr.NewFactors(4, 3, 1)
	solution.U.Set(0, 0, 3)
	solution.V.Set(0, 0, 1)
	for _, x := range []*lr.Factors{zero, solution} {
		c, err := landscape.Certify(context.Background(), p, x, nil)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%v, proven: %t, ‖∇g‖ = %.0f, least curvature %.3f\n", c.Verdict, c.Rigorous, c.GradNorm, c.Curvature.Value)
	}
	// Output:
	// negative curvature, proven: true, ‖∇g‖ = 0, least curvature -3.000
	// near the optimum, proven: true, ‖∇g‖ = 0, least curvature 0.528
}

// What is proven by the numbers and what is estimated stand apart.
func ExampleCertificate_Proven() {
	p, err := problem.Counterexample{Epsilon: 0.5}.New()
	if err != nil {
		panic(err)
	}
	c, err := landscape.Certify(context.Background(), p, p.Instance.Spurious, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Verdict)
	fmt.Println("proven:", c.Proven()[1])
	fmt.Println("estimated:", c.Estimated()[0])
	// Output:
	// second-order point
	// proven: λmin ≤ 1: the curvature of the direction found
	// estimated: λmin = 1: the search converged
}
