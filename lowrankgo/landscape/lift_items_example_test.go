package landscape_test

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// The printed (17) is an inequality; what it leaves out is 6‖U*ᵀU − V*ᵀV‖², and
// with that the two sides are equal.
func ExampleLiftIdentity() {
	h, err := operator.Perturbed{D1: 5, D2: 4, Delta: 0.1, Seed: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	rng := lr.Stream(1, "example")
	draw := func() *lr.Factors {
		return &lr.Factors{U: lr.NormalMatrix(rng, 5, 2), V: lr.NormalMatrix(rng, 4, 2)}
	}
	g, err := problem.General{Form: h, Rank: 2, Truth: draw()}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := problem.Balance{Of: g, Mu: 0.5}.New() // [G]'s ⅛‖UᵀU − VᵀV‖²
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := landscape.LiftIdentity(p, draw(), 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	gap := l.Inequality.Right - l.Inequality.Left
	fmt.Printf("(17) is loose by %.2f of 6‖U*ᵀU − V*ᵀV‖²\n", gap/(6*l.Cross))
	fmt.Println("equality to 1e-12:", l.Equality.Holds(1e-12))
	// Output:
	// (17) is loose by 1.00 of 6‖U*ᵀU − V*ᵀV‖²
	// equality to 1e-12: true
}

// The paper has 2δ for N. It is δ for N, attained where U and V are balanced; the
// 2δ belongs to N − N*, and is attained where (U, V) = (U*, −V*).
func ExampleLiftIsometry() {
	h, err := operator.Perturbed{D1: 6, D2: 4, Delta: 0.1, Seed: 2}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	rng := lr.Stream(2, "example")
	truth := &lr.Factors{U: lr.NormalMatrix(rng, 6, 2), V: lr.NormalMatrix(rng, 4, 2)}
	balanced, mirrored, err := landscape.LiftExtremes(truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	at, err := landscape.LiftIsometry(h, balanced, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	off, err := landscape.LiftIsometry(h, mirrored, truth)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("N: %.6f of δ, N − N*: %.6f of δ\n", at.Lifted/at.Delta, off.LiftedError/off.DeltaError)
	// Output:
	// N: 1.000000 of δ, N − N*: 2.000000 of δ
}

// Without the regulariser 4H₁ loses the norm of N when the factors are not
// balanced: [G]'s U = diag(1/ε, ε), V = diag(ε, 1/ε), all with UVᵀ = I.
func ExampleLiftedForm() {
	eye, err := operator.NewIdentity(2, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	h0, err := operator.GramForm{Operator: eye, Scale: 1}.New() // H₀ = I
	if err != nil {
		fmt.Println(err)
		return
	}
	h1, err := landscape.LiftForm(h0)
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := landscape.BalanceForm(2, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := landscape.LiftedForm(h0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range []float64{1, 0.5, 0.1} {
		w := mat.NewDense(4, 2, []float64{1 / e, 0, 0, e, e, 0, 0, 1 / e})
		var n mat.Dense
		n.Mul(w, w.T())
		norm := math.Pow(mat.Norm(&n, 2), 2)
		fmt.Printf("ε = %g: 4H₁ keeps %.4f of ‖N‖², 𝒢 adds %.4f, H has %.4f\n", e,
			4*h1.NewEval().Apply(w, w)/norm, g.NewEval().Apply(w, w)/norm, h.NewEval().Apply(w, w)/norm)
	}
	// Output:
	// ε = 1: 4H₁ keeps 1.0000 of ‖N‖², 𝒢 adds 0.0000, H has 1.0000
	// ε = 0.5: 4H₁ keeps 0.2215 of ‖N‖², 𝒢 adds 0.7785, H has 1.0000
	// ε = 0.1: 4H₁ keeps 0.0004 of ‖N‖², 𝒢 adds 0.9996, H has 1.0000
}
