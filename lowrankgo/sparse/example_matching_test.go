package sparse_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// mostEntries chooses as many entries as it can, one in a row and column, by
// augmenting paths: what a maximum flow finds.
func mostEntries(x *mat.Dense) (rows, cols []int, values []float64) {
	d1, d2 := x.Dims()
	rowOf := make([]int, d2)
	for j := range rowOf {
		rowOf[j] = -1
	}
	for i := range d1 {
		augment(x, rowOf, make([]bool, d2), i)
	}
	for j, i := range rowOf {
		if i >= 0 {
			rows, cols, values = append(rows, i), append(cols, j), append(values, x.At(i, j))
		}
	}
	return rows, cols, values
}

// augment finds a column for row i, moving other rows to other columns.
func augment(x *mat.Dense, rowOf []int, seen []bool, i int) bool {
	for j := range rowOf {
		if x.At(i, j) == 0 || seen[j] {
			continue
		}
		seen[j] = true
		if rowOf[j] < 0 || augment(x, rowOf, seen, rowOf[j]) {
			rowOf[j] = i
			return true
		}
	}
	return false
}

// [G] §3.3 projects onto S_γα by a maximum flow. A flow counts entries, not what
// they gain: here it takes two entries of 1 and leaves the 10, and S stays seven
// times as far from x as it could be. The projection is a matching of maximum
// weight.
func ExampleProject_maximumFlow() {
	x := mat.NewDense(2, 2, []float64{
		10, 1,
		1, 0,
	})
	rows, cols, values := mostEntries(x)
	flow, err := lr.NewSparse(2, 2, rows, cols, values)
	if err != nil {
		log.Fatal(err)
	}
	exact, err := sparse.Project(context.Background(), x, lr.SparseSet{Alpha: 0.5}, sparse.Exact)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range []*lr.Sparse{flow, exact} {
		fmt.Printf("%d entries, gain %v, distance %.3f\n", s.NNZ(), sparse.Gain(x, s), sparse.Distance(x, s))
	}
	// Output:
	// 2 entries, gain 2, distance 10.000
	// 1 entries, gain 100, distance 1.414
}
