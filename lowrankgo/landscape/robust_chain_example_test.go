package landscape_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

// someWrong is symmetric robust PCA with a wrong entry or two in each row, and a
// point not far from the truth.
func someWrong() (lr.Problem, *lr.Factors) {
	p, err := problem.RandomRobustPCA{D1: 20, Rank: 2, Alpha: 0.1, Symmetric: true, Seed: 1, Projection: sparse.Exact}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := p.Truth().Clone()
	x.AddScaled(0.1, &lr.Factors{U: lr.NormalMatrix(lr.Stream(2, "point"), 20, 2)})
	return p, x
}

// Lemma 14 as measured: nothing is claimed of its constant.
func ExampleSparseDistance() {
	n, err := landscape.SparseDistance(someWrong())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("‖Δ‖ = %.3f, min_R ‖U − U†R‖ = %.3f, κ* = %.2f: ratio %.3f\n", n.Distance, n.ToDagger, n.Kappa, n.Ratio)
	fmt.Println(n.Hypotheses[1])
	// Output:
	// ‖Δ‖ = 0.557, min_R ‖U − U†R‖ = 0.520, κ* = 1.95: ratio 0.767
	// γα·μr·κ*⁵ ≤ 1/c: unknown (20.42)
}

func ExampleRobustChain() {
	n, err := landscape.RobustChain(someWrong())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("terms add up:", n.Identity.Holds(1e-12))
	fmt.Println("and give the bound:", n.End.Holds(0))
	// Output:
	// terms add up: true
	// and give the bound: true
}

func ExamplePseudoStrictSaddle() {
	p, _ := someWrong()
	x := lr.NewPoint(p) // the origin
	n, err := landscape.PseudoStrictSaddle(context.Background(), p, x, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("equal:", n.Equal.Holds(1e-12), "above:", n.Above.Holds(1e-12))
	fmt.Println(n.Certificate.Verdict == landscape.NegativeCurvature, n.Certificate.Rigorous)
	// Output:
	// equal: true above: true
	// true true
}
