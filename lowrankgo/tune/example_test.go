package tune_test

import (
	"context"
	"fmt"
	"log"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/tune"
	"gonum.org/v1/gonum/mat"
)

// A 120×100 matrix of rank 3 with noise, 5 % gross errors and a tenth of its
// entries missing.
func ExampleRobustPCA() {
	rng := lr.Stream(1, "example")
	var y mat.Dense
	y.Mul(lr.NormalMatrix(rng, 120, 3), lr.NormalMatrix(rng, 3, 100))
	y.Apply(func(_, _ int, v float64) float64 {
		v += 0.01 * rng.NormFloat64()
		switch u := rng.Float64(); {
		case u < 0.05:
			return v + 20*(rng.Float64()-0.5)
		case u < 0.15:
			return math.NaN()
		}
		return v
	}, &y)

	e, err := tune.RobustPCA(context.Background(), &y, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("rank %d, sure: %v\n", e.Rank, e.Sure)
	fmt.Printf("outliers %.2f of all entries, %.2f of a row or column\n", e.Share, e.Alpha)
	fmt.Printf("noise %.3f\n", e.Noise)
	// Output:
	// rank 3, sure: true
	// outliers 0.05 of all entries, 0.11 of a row or column
	// noise 0.010
}

// Four of ten entries are wrong: the estimate says what speaks against it.
func ExampleRobustPCAEstimate() {
	rng := lr.Stream(1, "example")
	var y mat.Dense
	y.Mul(lr.NormalMatrix(rng, 50, 2), lr.NormalMatrix(rng, 2, 40))
	y.Apply(func(_, _ int, v float64) float64 {
		if rng.Float64() < 0.4 {
			return v + 20*(rng.Float64()-0.5)
		}
		return v
	}, &y)
	e, err := tune.RobustPCA(context.Background(), &y, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sure:", e.Sure)
	fmt.Println("told why:", len(e.Reasons) > 0)
	// Output:
	// sure: false
	// told why: true
}
