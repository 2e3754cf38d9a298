package problem_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

func ExampleGaussianSensing() {
	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	fmt.Println(p)
	fmt.Println("at the truth:", p.NewEval().Grad(nil, truth) < 1e-20)
	// Output:
	// Sensing(Gaussian(750 measurements of 40×50), rank 5, M = UVᵀ, weight 1)
	// at the truth: true
}

func ExampleCompletion() {
	// The first column of a rank-1 matrix is (1, 2), its first row (1, 3).
	p, err := problem.Completion{
		D1: 2, D2: 2, Rank: 1,
		Rows: []int{0, 0, 1}, Cols: []int{0, 1, 0}, Values: []float64{1, 3, 2},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(p)
	x.U.SetCol(0, []float64{1, 2})
	x.V.SetCol(0, []float64{1, 3})
	fmt.Println("value:", p.NewEval().Grad(nil, x))
	fmt.Println("the entry that was not seen:", x.At(1, 1))
	// Output:
	// value: 0
	// the entry that was not seen: 6
}

func ExampleBalance() {
	g, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 60}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Balance{Of: g, Mu: 0.5}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)

	_, err = problem.Balance{Of: g}.New()
	fmt.Println(err)
	// Output:
	// Sensing(Gaussian(60 measurements of 6×5), rank 2, M = UVᵀ, weight 1) + balance(μ = 0.5)
	// problem: Balance has Mu = 0; a positive finite number is wanted (for μ = 0 use the problem itself): value out of range
}

func ExampleRandomCompletion() {
	_, err := problem.RandomCompletion{D1: 10, D2: 8, Rank: 9, P: 0.5}.New()
	fmt.Println(err)
	// Output:
	// problem: RandomCompletion has rank 9; 1 ≤ rank ≤ min(10, 8) = 8 is wanted: rank out of range
}

func ExampleSensing() {
	_, err := problem.Sensing{Rank: 1}.New()
	fmt.Println(err)
	// Output:
	// problem: Sensing: lowrankgo: there is no operator (it is nil; did its constructor return an error?): no data
}
