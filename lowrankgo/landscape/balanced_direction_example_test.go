package landscape_test

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// Fig. 2 of [L] lies outside its own theorem: there are fewer measurements than
// unknowns of one factor of rank 4r, so that some D of that rank is not seen.
func ExampleRestrictedConvexity() {
	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := landscape.RestrictedConvexity(context.Background(), p, &landscape.RestrictedOptions{Starts: 1, Sweeps: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rank %d: %d equations, %d unknowns; β/α ≥ %g\n", b.RankD, b.Equations, b.Unknowns, b.Ratio)
	fmt.Println("β/α ≤ 3/2:", b.Hypothesis.Holds)
	// Output:
	// rank 20: 750 equations, 1000 unknowns; β/α ≥ +Inf
	// β/α ≤ 3/2: no
}

// At the origin of a factorisation the direction is the top singular pair of the
// data, and the curvature along it its singular value: no direction is steeper.
func ExampleDeficientDirection() {
	p, err := problem.Factorisation{A: mat.NewDense(3, 2, []float64{3, 0, 0, 1, 0, 0}), Rank: 2}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := landscape.DeficientDirection(context.Background(), p, lr.NewFactors(3, 2, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("λmin = %.4f, bound %.4f\n", d.LambdaMin, d.Bound)
	alpha, dir, err := d.EntryDirection(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the paper's e%db', α·e%db' with α = %.4f has curvature −1, its Rayleigh quotient is %.4f\n", d.Row+1, d.Col+1, alpha, -1/(dir.Norm()*dir.Norm()))
	// Output:
	// λmin = -3.0000, bound -3.0000
	// the paper's e1b', α·e1b' with α = 0.1667 has curvature −1, its Rayleigh quotient is -0.9730
}

// A saddle of a factorisation that is badly balanced: the second singular pair
// instead of the first, with U a thousand times too long. The direction comes
// from the balanced point, where the regularised Hessian shows it.
func ExampleBalancedDirection() {
	p, err := problem.Factorisation{A: mat.NewDense(3, 2, []float64{3, 0, 0, 1, 0, 0}), Rank: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	x := &lr.Factors{U: mat.NewDense(3, 1, []float64{0, 1000, 0}), V: mat.NewDense(2, 1, []float64{0, 0.001})}
	b, err := landscape.BalancedDirection(context.Background(), p, x, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("‖UᵀU − VᵀV‖ = %.0f, of the balanced point %.1g\n", b.Unbalance, b.Checks[4].Left)
	fmt.Printf("regularised, balanced: %.4f; unregularised, there: %.4f\n", b.Regularised, b.Curvature)
	// Output:
	// ‖UᵀU − VᵀV‖ = 1000000, of the balanced point 0
	// regularised, balanced: -2.0000; unregularised, there: -2.0000
}

// 30 measurements of a 6×8 matrix do not see some matrix of rank 4.
func ExampleNullMatrix() {
	op, err := operator.NewGaussian(6, 8, 30, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := landscape.NullMatrix(context.Background(), op, 4, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	seen := make([]float64, 30)
	op.NewEval().Apply(seen, d.U, d.V, nil)
	fmt.Printf("‖D‖ = %.4f, ‖𝒜(D)‖ below 1e-12: %t\n", mat.Norm(d.Dense(), 2), mat.Norm(mat.NewVecDense(30, seen), 2) < 1e-12)
	// Output:
	// ‖D‖ = 1.0000, ‖𝒜(D)‖ below 1e-12: true
}
