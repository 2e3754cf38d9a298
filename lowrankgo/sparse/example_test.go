package sparse_test

import (
	"context"
	"fmt"
	"log"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// One nonzero fits in each row and each column. The 5 stands in the way of two
// 4s: Threshold keeps it alone, Greedy finds room for the 1, Exact gives it up.
func ExampleProject() {
	x := mat.NewDense(2, 2, []float64{
		5, 4,
		4, 1,
	})
	set := lr.SparseSet{Alpha: 0.5}
	for _, rule := range []sparse.Rule{sparse.Threshold, sparse.Greedy, sparse.Exact} {
		s, err := sparse.Project(context.Background(), x, set, rule)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v, gain %v\n%v\n", rule, sparse.Gain(x, s), mat.Formatted(s))
	}
	// Output:
	// threshold, gain 25
	// ⎡5  0⎤
	// ⎣0  0⎦
	// greedy, gain 26
	// ⎡5  0⎤
	// ⎣0  1⎦
	// exact, gain 32
	// ⎡0  4⎤
	// ⎣4  0⎦
}

// A set that allows nothing is an error that says what would.
func ExampleProject_tooSparse() {
	_, err := sparse.Project(context.Background(), mat.NewDense(5, 8, nil), lr.SparseSet{Alpha: 0.1}, sparse.Exact)
	fmt.Println(err)
	// Output:
	// lowrankgo: Gamma·Alpha = 0.1 of a 5×8 matrix allows 0 entries in a row and 0 in a column, so that S = 0; at least one of each needs Gamma·Alpha ≥ 0.2 (for data without gross errors, use problem.Factorisation or Completion): value out of range
}

// A projector is for one matrix after another.
func ExampleNewProjector() {
	p, err := sparse.NewProjector(2, 2, lr.SparseSet{Alpha: 0.5, Cap: 10}, sparse.Exact)
	if err != nil {
		log.Fatal(err)
	}
	var s lr.Sparse
	for _, x := range []*mat.Dense{
		mat.NewDense(2, 2, []float64{3, 4, 4, 3}),
		mat.NewDense(2, 2, []float64{30, math.NaN(), 20, 1}),
	} {
		if err := p.Project(context.Background(), &s, x); err != nil {
			log.Fatal(err)
		}
		fmt.Println(mat.Formatted(&s))
	}
	// Output:
	// ⎡0  4⎤
	// ⎣4  0⎦
	// ⎡ 0   0⎤
	// ⎣10   0⎦
}

func ExampleProjector_Project() {
	p, err := sparse.NewProjector(2, 3, lr.SparseSet{Alpha: 0.5}, sparse.Threshold)
	if err != nil {
		log.Fatal(err)
	}
	var s lr.Sparse
	err = p.Project(context.Background(), &s, mat.NewDense(2, 2, nil))
	fmt.Println(err)
	// Output:
	// sparse: a projection of 2×3 matrices was given one of 2×2: shapes do not fit
}

func ExampleGain() {
	x := mat.NewDense(2, 2, []float64{3, 1, 0, 5})
	s, err := lr.NewSparse(2, 2, []int{0, 1}, []int{0, 1}, []float64{3, 4}) // 5 was clipped to 4
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sparse.Gain(x, s))
	// Output: 33
}

func ExampleDistance() {
	x := mat.NewDense(2, 2, []float64{3, 3, math.NaN(), 5})
	s, err := lr.NewSparse(2, 2, []int{0, 1}, []int{0, 1}, []float64{3, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sparse.Distance(x, s))
	// Output: 5
}

// The cap for a low-rank part of rank 2 in 100×400 whose rows are all alike in
// weight, and what half of it clips.
func ExampleCapOf() {
	limit, err := sparse.CapOf(1, 2, 50, 100, 400)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(limit)
	// Output: 1
}

func ExampleTruncate() {
	y, n, err := sparse.Truncate(mat.NewDense(2, 2, []float64{0.3, -80, math.NaN(), math.Inf(1)}), 0.5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "clipped")
	fmt.Println(mat.Formatted(y))
	// Output:
	// 2 clipped
	// ⎡ 0.3  -0.5⎤
	// ⎣ NaN   0.5⎦
}

// Two outliers in a row fit into the whole, and not into a block.
func ExampleProjectBlocks() {
	x := mat.NewDense(2, 4, []float64{5, -4, 0, 0, 0, 0, 0, 0})
	set := lr.SparseSet{Alpha: 0.5}
	whole, err := sparse.Project(context.Background(), x, set, sparse.Exact)
	if err != nil {
		log.Fatal(err)
	}
	parts, err := sparse.ProjectBlocks(context.Background(), x, set, []int{2, 2}, sparse.Exact)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sparse.Gain(x, whole), sparse.Gain(x, parts))
	// Output: 41 25
}
