package lowranktest_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
)

// A problem of one's own is held to every rule by one line in a test.
func ExampleTestProblem() {
	distance := lr.Funcs{
		Name: "½‖U − 1‖² + ½‖V − 1‖²", D1: 3, D2: 2, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			var sum float64
			for i := range 3 {
				sum += pull(dst, func(f *lr.Factors) *float64 { return &f.U.RawRowView(i)[0] }, x)
			}
			for j := range 2 {
				sum += pull(dst, func(f *lr.Factors) *float64 { return &f.V.RawRowView(j)[0] }, x)
			}
			return sum
		},
	}
	testMine := func(t *testing.T) { lowranktest.TestProblem(t, distance) }

	fmt.Println(distance.Check(), testMine != nil)
	// Output: <nil> true
}

// pull adds one coordinate's ½(x−1)² and sets its derivative.
func pull(dst *lr.Factors, at func(*lr.Factors) *float64, x *lr.Factors) float64 {
	d := *at(x) - 1
	if dst != nil {
		*at(dst) = d
	}
	return d * d / 2
}
