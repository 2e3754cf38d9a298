package lowrankgo_test

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// target is ½‖UVᵀ − A‖² for a 2×2 matrix A, at rank 1.
func target() *problem.Quadratic {
	p, err := problem.Factorisation{A: mat.NewDense(2, 2, []float64{4, 0, 0, 1}), Rank: 1}.New()
	if err != nil {
		panic(err)
	}
	return p
}

func column(v ...float64) *mat.Dense { return mat.NewDense(len(v), 1, v) }

// The curvature along a direction, ⟨d, ∇²f(x)[d]⟩: at the second singular pair
// of A it is negative towards the first.
func ExampleHessVecOf() {
	p := target()
	e, ok := lr.HessVecOf(p)
	if !ok {
		return
	}
	saddle := &lr.Factors{U: column(0, 1), V: column(0, 1)}
	d := &lr.Factors{U: column(1, 0), V: column(1, 0)}
	h := lr.NewPoint(p)
	e.HessVec(h, saddle, d)
	fmt.Println(h.Dot(d) / d.Dot(d))
	// Output: -3
}

// One batch of entries, and all of them, which give the gradient.
func ExampleBatchesOf() {
	p := target()
	e, ok := lr.BatchesOf(p)
	if !ok {
		return
	}
	x := &lr.Factors{U: column(1, 1), V: column(1, 1)}
	g := lr.NewPoint(p)
	e.GradBatch(g, x, []int{0})
	fmt.Println("the first of", e.Terms(), "terms:", g.U.RawMatrix().Data)
	e.GradBatch(g, x, []int{0, 1, 2, 3})
	fmt.Println("all of them:", g.U.RawMatrix().Data)
	// Output:
	// the first of 4 terms: [-12 0]
	// all of them: [-2 1]
}

func ExampleLeastSquaresOf() {
	ridge, err := problem.Ridge{Of: target(), Lambda: 0.1}.New()
	if err != nil {
		panic(err)
	}
	l, ok := lr.LeastSquaresOf(ridge)
	fmt.Println(ok, l.Operator, l.B, l.Weight, l.Ridge)
	balanced, err := problem.Balance{Of: target(), Mu: 1}.New()
	if err != nil {
		panic(err)
	}
	_, ok = lr.LeastSquaresOf(balanced) // its term is of fourth order
	fmt.Println(ok)
	// Output:
	// true Identity(2×2) [4 0 0 1] 1 0.1
	// false
}

func ExamplePartsOf() {
	all, err := problem.Separable{Parts: []lr.Problem{target(), target()}}.New()
	if err != nil {
		panic(err)
	}
	parts, ok := lr.PartsOf(all)
	d1, d2, _ := all.Dims()
	fmt.Println(ok, len(parts), "parts of a", d1, "by", d2, "matrix")
	// Output: true 2 parts of a 2 by 4 matrix
}

// A map applied to a dense matrix, and its adjoint as one.
func ExampleDenseEvalOf() {
	op, _, err := operator.NewMask(2, 3, []int{0, 1}, []int{2, 0})
	if err != nil {
		panic(err)
	}
	e := lr.DenseEvalOf(op)
	seen := make([]float64, 2)
	e.ApplyDense(seen, mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}), nil)
	back := mat.NewDense(2, 3, nil)
	e.Adjoint(seen)
	e.AdjointDense(back)
	fmt.Println(seen)
	fmt.Println(mat.Formatted(back))
	// Output:
	// [3 4]
	// ⎡0  0  3⎤
	// ⎣4  0  0⎦
}

func ExamplePatternOf() {
	op, _, err := operator.NewMask(2, 3, []int{0, 1, 1}, []int{2, 0, 2})
	if err != nil {
		panic(err)
	}
	p, _ := lr.PatternOf(op)
	fmt.Println("columns seen in row 1:", p.Col[p.RowFrom[1]:p.RowFrom[2]])
	fmt.Println("rows seen in column 2:", p.Row[p.ColFrom[2]:p.ColFrom[3]])
	// Output:
	// columns seen in row 1: [0 2]
	// rows seen in column 2: [0 1]
}
