package landscape_test

import (
	"fmt"
	"log"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"gonum.org/v1/gonum/mat"
)

// Two things that [G] Lemma 13 leaves to the reader. Its objective has no ½,
// against (13): every term doubles. And its gap ratio of 15 is loose: the proof
// needs 7.24, and the saddles need none: at a ratio of 1.11 the shallowest still
// has λmin = −2(λᵣ − λᵣ₊₁), or −4(λᵣ − λᵣ₊₁) without the ½.
func ExampleSwapSaddles() {
	a := mat.NewDiagDense(4, []float64{2, 1.11, 1, 0.5})
	all, err := landscape.SwapSaddles(a, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("gap ratio printed %v, of the proof %.3f, here 1.11, needed above %v\n",
		landscape.PrintedGapRatio, landscape.ProofGapRatio, landscape.NeededGapRatio)
	for _, s := range all {
		if s.In < 0 { // a column of 0
			continue
		}
		fmt.Printf("pair %d for %d: λmin %.2f, without ½ %.2f\n", s.In, s.Out, s.LambdaMin, 2*s.LambdaMin)
	}
	// Output:
	// gap ratio printed 15, of the proof 7.243, here 1.11, needed above 1
	// pair 2 for 1: λmin -0.22, without ½ -0.44
	// pair 3 for 1: λmin -1.22, without ½ -2.44
	// pair 2 for 0: λmin -2.00, without ½ -4.00
	// pair 3 for 0: λmin -3.00, without ½ -6.00
}

func ExampleFactorisationIdentity() {
	a := mat.NewDiagDense(3, []float64{4, 1, -2}) // not of rank 1, not positive
	n, err := landscape.FactorisationIdentity(a, mat.NewDense(3, 1, []float64{1, 1, 1}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Δ:∇²f:Δ = %.0f = %.0f − 3·%.0f + 4·%.0f + 6·%.0f\n", n.Curvature, n.DD, n.EE, n.Gradient, n.Residue)
	fmt.Println("identity holds:", n.Identity.Holds(1e-12))
	for _, h := range n.Conclusion {
		fmt.Println(h)
	}
	// Output:
	// Δ:∇²f:Δ = 16 = 9 − 3·17 + 4·16 + 6·-1
	// identity holds: true
	// A is positive semidefinite, its least eigenvalue ≥ 0: no (-2)
	// λᵣ(A) > 0: yes (4)
	// λᵣ(A) ≥ 15λᵣ₊₁(A), as printed: no (4)
	// λᵣ(A) > 7.24λᵣ₊₁(A), as the proof needs: no (4)
	// λᵣ(A) > λᵣ₊₁(A), which is enough, see SwapSaddles: yes (4)
}
