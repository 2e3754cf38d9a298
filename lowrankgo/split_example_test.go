package lowrankgo_test

import (
	"context"
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// counting is 1·[1 2 3 4 5 6]ᵀ with one entry grossly wrong and one missing.
func counting() *problem.Split {
	data := mat.NewDense(6, 6, nil)
	data.Apply(func(_, j int, _ float64) float64 { return float64(j + 1) }, data)
	data.Set(2, 3, 100)
	data.Set(4, 1, nan)
	p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.2}.New()
	if err != nil {
		panic(err)
	}
	return p
}

// What a method reads that splits data itself.
func ExampleSplitOf() {
	split, ok := lr.SplitOf(counting())
	fmt.Println(ok, split.Set, split.Observed(), split.Data.At(2, 3))
	// Output: true α 0.2 35 100
}

// The sparse part that is best at a point; here at M = 0.
func ExampleSparsePartOf() {
	p := counting()
	e, ok := lr.SparsePartOf(p)
	if !ok {
		return
	}
	s := e.SparsePart(lr.NewPoint(p))
	fmt.Println(s.NNZ(), "entries,", s.At(2, 3), "among them")
	// Output: 2 entries, 100 among them
}

// The low-rank part is the result's point, the sparse one is asked for.
func ExampleResult_Sparse() {
	p := counting()
	res, err := lr.Solve(context.Background(), p, solver.AccAltProj{}, lr.NewPoint(p), nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := res.Sparse()
	if err != nil {
		log.Fatal(err)
	}
	rows, cols, values := s.Triplets()
	fmt.Println(res.Status)
	fmt.Printf("row %d, column %d: %.3f\n", rows[0], cols[0], values[0])
	fmt.Printf("the missing entry: %.3f\n", res.X.At(4, 1))
	// Output:
	// converged (residual)
	// row 2, column 3: 96.000
	// the missing entry: 2.000
}

// How many entries of a line may be grossly wrong.
func ExampleSparseSet() {
	set := lr.SparseSet{Alpha: 0.1, Gamma: 2}
	fmt.Println(set, set.Most(25), set.Check(25, 40))
	fmt.Println(lr.SparseSet{Alpha: 0.01}.Check(25, 40) != nil)
	// Output:
	// α 0.1, γ 2 5 <nil>
	// true
}

// A sparse matrix by its entries, in any order.
func ExampleNewSparse() {
	s, err := lr.NewSparse(3, 4, []int{2, 0}, []int{1, 3}, []float64{-1, 5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s)
	fmt.Println(mat.Formatted(s))
	// Output:
	// sparse 3×4, 2 entries (16.7 %)
	// ⎡ 0   0   0   5⎤
	// ⎢ 0   0   0   0⎥
	// ⎣ 0  -1   0   0⎦
}
