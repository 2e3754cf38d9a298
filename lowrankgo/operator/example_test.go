package operator_test

import (
	"fmt"
	"log"

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
