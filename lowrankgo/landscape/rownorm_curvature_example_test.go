package landscape_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"gonum.org/v1/gonum/mat"
)

// Lemmas 10 and 11 of [G] as printed do not add up: −0.3σᵣ*‖Δ‖² of the one and
// four times 0.1σᵣ*‖Δ‖² of the other leave a positive number, and so prove no
// negative curvature. With K(C)λα² ≤ 0.025σᵣ* it is −0.2σᵣ*‖Δ‖².
func ExampleWorstRow() {
	fmt.Printf("as printed: %+.1f·σᵣ*‖Δ‖²\n", -0.3+4*0.1)
	fmt.Printf("as needed:  %+.1f·σᵣ*‖Δ‖²\n", -0.3+4*0.025)
	for _, c := range []float64{1, 2, 5} {
		w, err := landscape.WorstRow(c)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("C = %v: K = %.4f (closed form %.4f) at ‖u‖ = %.3fα, so λα² ≤ %.5fσᵣ*\n", c, w.K, w.Closed, w.Row[0], 0.025/w.K)
	}
	// Output:
	// as printed: +0.1·σᵣ*‖Δ‖²
	// as needed:  -0.2·σᵣ*‖Δ‖²
	// C = 1: K = 5.5692 (closed form 5.5692) at ‖u‖ = 4.464α, so λα² ≤ 0.00449σᵣ*
	// C = 2: K = 3.1327 (closed form 3.1327) at ‖u‖ = 3.598α, so λα² ≤ 0.00798σᵣ*
	// C = 5: K = 2.0049 (closed form 2.0049) at ‖u‖ = 3.078α, so λα² ≤ 0.01247σᵣ*
}

// One row too long, against α = 1: what the penalty adds along Δ, and the most
// that it could.
func ExampleRowNormCurvature() {
	truth := &lr.Factors{U: mat.NewDense(4, 1, []float64{0.5, 0.5, 0.5, 0.5})}
	x := &lr.Factors{U: mat.NewDense(4, 1, []float64{1, 1, 1, -2})}
	n, err := landscape.RowNormCurvature(landscape.RowPenalty{Lambda: 0.005, Alpha: 1}, x, truth)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.Bound)
	fmt.Println("within what Lemma 10 leaves:", n.Share.Applies())
	// Output:
	// [G] Lemma 11: ¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] ≤ K(C)λα²‖Δ‖²
	//   0.04375 ≤ 0.1096440066, residual 0
	//   no row of U* is longer than α, C ≥ 1: yes (2)
	// within what Lemma 10 leaves: yes
}
