package operator_test

import (
	"fmt"
	"log"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Two measurements of a 1×2 matrix, the sum and the difference of its entries.
func ExampleNewDense() {
	op, err := operator.NewDense(1, 2, mat.NewDense(2, 2, []float64{1, 1, 1, -1}))
	if err != nil {
		log.Fatal(err)
	}
	x, y := mat.NewDense(1, 1, []float64{1}), mat.NewDense(2, 1, []float64{5, 3}) // M = (5, 3)
	e, dst := op.NewEval(), make([]float64, 2)
	e.Apply(dst, x, y, nil)
	fmt.Println(dst)
	// Output:
	// [8 2]
}

// A mask brings entries into row-major order and says how to bring values
// along.
func ExampleNewMask() {
	values := []float64{30, 10, 20}
	m, order, err := operator.NewMask(2, 2, []int{1, 0, 0}, []int{0, 0, 1})
	if err != nil {
		log.Fatal(err)
	}
	for e, k := range order {
		i, j := m.Entry(e)
		fmt.Printf("(%d, %d) %g\n", i, j, values[k])
	}
	// Output:
	// (0, 0) 10
	// (0, 1) 20
	// (1, 0) 30
}

func ExampleNewGaussian() {
	op, err := operator.NewGaussian(40, 50, 750, 1)
	fmt.Println(op, err)
	_, err = operator.NewGaussian(40, 50, 0, 1)
	fmt.Println(err)
	// Output:
	// Gaussian(750 measurements of 40×50) <nil>
	// operator: m = 0 measurements; at least 1 is wanted: no data
}

func ExampleNewBernoulliMask() {
	_, err := operator.NewBernoulliMask(10, 10, 30, 1)
	fmt.Println(err)
	// Output:
	// operator: the probability is 30; 0 < p ≤ 1 is wanted: value out of range
}

func ExampleNewBoolMask() {
	m, err := operator.NewBoolMask([][]bool{{true, false}, {true, true}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m, m.RowCounts(), m.ColCounts())
	// Output:
	// Mask(3 of 2×2 entries) [1 2] [2 1]
}

// The gaps of a matrix are its NaN entries.
func ExampleNewObserved() {
	gap := math.NaN()
	o, err := operator.NewObserved(mat.NewDense(2, 3, []float64{1, gap, 2, gap, 3, gap}))
	if err != nil {
		log.Fatal(err)
	}
	for e, v := range o.Values {
		i, j := o.Mask.Entry(e)
		fmt.Printf("(%d, %d) %g\n", i, j, v)
	}
	// Output:
	// (0, 0) 1
	// (0, 2) 2
	// (1, 1) 3
}

// Ratings by name; one of them is given twice.
func ExampleTriplets() {
	o, err := operator.Triplets{
		RowNames: []string{"ada", "bob", "ada", "ada"},
		ColNames: []string{"Solaris", "Solaris", "Stalker", "Stalker"},
		Values:   []float64{5, 3, 4, 2},
		Average:  true,
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	for e, v := range o.Values {
		i, j := o.Mask.Entry(e)
		fmt.Println(o.RowNames.Name(i), o.ColNames.Name(j), v)
	}
	fmt.Println(o.RowNames.Index("bob"))
	// Output:
	// ada Solaris 5
	// ada Stalker 3
	// bob Solaris 3
	// 1 true
}

func ExampleNewNames() {
	names, at := operator.NewNames([]string{"u7", "u3", "u7"})
	fmt.Println(names.All(), at)
	// Output:
	// [u7 u3] [0 1 0]
}

// One and a half times as many entries as a matrix of rank 5 has degrees of
// freedom, and no row or column that could not be completed.
func ExampleFixedCount() {
	m, err := operator.FixedCount{D1: 200, D2: 300, Count: 15 * 5 * 495 / 10, AtLeast: 5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m, slices.Min(m.RowCounts()) >= 5, slices.Min(m.ColCounts()) >= 5)
	_, err = operator.FixedCount{D1: 200, D2: 300, Count: 1400, AtLeast: 5}.New()
	fmt.Println(err)
	// Output:
	// Mask(3712 of 200×300 entries) true true
	// operator: FixedCount has Count = 1400; a 200×300 matrix with at least 5 entries in every row and column needs 1500 to 60000: value out of range
}

// A spurious local minimum, in a random basis of four dimensions.
func ExampleCounterexample() {
	in, err := operator.Counterexample{Epsilon: 0.1, D: 4, Rotate: true, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	res := make([]float64, len(in.B))
	in.Operator.NewEval().Apply(res, in.Spurious.U, in.Spurious.U, in.B)
	var f float64
	for _, r := range res {
		f += r * r
	}
	fmt.Println(in)
	fmt.Printf("f = %.4f at x̂, ‖x̂x̂ᵀ − zzᵀ‖ = %.4f\n", f, math.Sqrt(lr.SqErr(in.Spurious, in.Truth)))
	// Output:
	// Counterexample(ε = 0.1, d = 4, 10 measurements, δ = 0.5122)
	// f = 1.5000 at x̂, ‖x̂x̂ᵀ − zzᵀ‖ = 1.1180
}
