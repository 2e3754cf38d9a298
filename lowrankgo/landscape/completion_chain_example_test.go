package landscape_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// halfSeen is symmetric completion of a 40×40 matrix of rank 2, with the numbers
// of Thm 12 and constants for which Lemma 11 is sure.
func halfSeen() (landscape.CompletionCase, *lr.Factors) {
	f, err := problem.RandomCompletion{D1: 40, Rank: 2, P: 0.6, Kappa: 2, Symmetric: true, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	mu, err := landscape.Incoherence(f.Truth(), 2)
	if err != nil {
		log.Fatal(err)
	}
	q, err := problem.RowNormTheorem{Of: f, Mu: mu.Mu, Kappa: 2, Sigma1: 1}.Config()
	if err != nil {
		log.Fatal(err)
	}
	p, err := q.New()
	if err != nil {
		log.Fatal(err)
	}
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(2, "point"), 40, 2)}
	x.Scale(0.1)
	return landscape.CompletionCase{Problem: p, Penalty: landscape.RowPenalty{Lambda: q.Lambda, Alpha: q.Alpha}}, x
}

// The proof of Thm 12 at a random point, as numbers.
func ExampleCompletionChain() {
	n, err := landscape.CompletionChain(halfSeen())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("terms add up:", n.Identity.Holds(1e-12))
	fmt.Println("Lemma 10's 0.3 is exceeded:", n.Direction.Constant > 0.3)
	fmt.Println("Lemma 11 takes no more than its share:", n.RowNorm.Share.Holds(0))
	fmt.Println("so the curvature along Δ is bounded:", n.End.Applies(), n.End.Holds(0))
	// Output:
	// terms add up: true
	// Lemma 10's 0.3 is exceeded: true
	// Lemma 11 takes no more than its share: true
	// so the curvature along Δ is bounded: yes true
}

// What the paper leaves open stays unknown, with the number beside it.
func ExampleRowBound() {
	b, err := landscape.RowBound(halfSeen())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("longest row² %.3f in the unit %.3f: %.3f\n", b.MaxRow, b.Unit, b.Ratio)
	fmt.Println(b.Hypotheses[1])
	// Output:
	// longest row² 0.054 in the unit 0.153: 0.355
	// p ≥ Ω(μr·log d/d), in this unit: unknown (3.09)
}

func ExampleDirectionCurvature() {
	n, err := landscape.DirectionCurvature(halfSeen())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f − 3·%.3f = −%.2fσᵣ*‖Δ‖²\n", n.DHD, n.EHE, n.Constant)
	fmt.Println("claimed for enough samples:", n.Bound.Applies())
	// Output:
	// 1.615 − 3·1.362 = −2.87σᵣ*‖Δ‖²
	// claimed for enough samples: unknown
}

// Three points: a saddle, one with a gradient, one next to the solutions.
func ExampleStrictSaddleConstant() {
	s, err := landscape.StrictSaddleConstant(2, 1, []landscape.SaddleNumbers{
		{GradNorm: 0, Curvature: -4, Distance: 3},
		{GradNorm: 6, Curvature: 1, Distance: 2},
		{GradNorm: 1e-3, Curvature: 1, Distance: 2e-4},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("c = %.1f on these points: every one has curvature −%.0f or less, or lies within ε/%.0f\n", s.C, s.C*2, s.C*2)
	// Output: c = 1.5 on these points: every one has curvature −3 or less, or lies within ε/3
}

// The constants of Thm 12 as parameters: θ = ε, γ = 0.1σᵣ*, ζ = 40ε/σᵣ* at a
// random point, where neither the gradient is small nor the curvature positive.
func ExampleSaddleConstant_StrictSaddle() {
	n, err := landscape.CompletionChain(halfSeen())
	if err != nil {
		log.Fatal(err)
	}
	c := landscape.SaddleConstant{C: 0.1, Sigma: n.Direction.SigmaR, Scale: 4}
	s := c.StrictSaddle(1e-3, n.Point)
	fmt.Printf("θ = %.3g, γ = %.3g, ζ = %.3g\n", s.Theta, s.Gamma, s.Zeta)
	fmt.Println(s.LargeGradient, s.NegativeCurvature, s.Near)
	// Output:
	// θ = 0.001, γ = 0.05, ζ = 0.08
	// true true false
}
