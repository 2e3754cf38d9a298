package problem_test

import (
	"context"
	"fmt"
	"log"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// A multiplication table, a rank-1 matrix, with an entry that is wrong and one
// that was not observed.
func ExampleRobustPCA() {
	data := mat.NewDense(5, 5, nil)
	data.Apply(func(i, j int, _ float64) float64 { return float64((i + 1) * (j + 1)) }, data)
	data.Set(1, 2, 100)
	data.Set(3, 3, math.NaN())
	p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.25}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(p)
	for i := range 5 {
		x.U.Set(i, 0, float64(i+1))
		x.V.Set(i, 0, float64(i+1))
	}
	fmt.Println(p)
	fmt.Println("value at the table:", p.NewEval().Grad(nil, x))

	e, _ := lr.SparsePartOf(p)
	rows, cols, values := e.SparsePart(x).Triplets()
	fmt.Println("S:", rows, cols, values)
	// Output:
	// RobustPCA(24 of 5×5 entries, α 0.25, rank 1, M = UVᵀ, weight 1)
	// value at the table: 0
	// S: [1] [2] [94]
}

// The paper's own objective, (6), from a random start.
func ExampleRandomRobustPCA() {
	split, err := problem.RandomRobustPCA{D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Balance{Of: split, Mu: 0.5}.New()
	if err != nil {
		log.Fatal(err)
	}
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	res, err := lr.Solve(context.Background(), p, solver.LBFGS{}, x0, nil)
	if err != nil {
		log.Fatal(err)
	}
	s, err := res.Sparse()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("M* is found:", lr.RelErr(res.X, split.Truth()) < 1e-8)
	fmt.Println("S has the entries of S*:", s.NNZ() == split.Split().Truth.NNZ())
	// Output:
	// M* is found: true
	// S has the entries of S*: true
}

// Two nodes with three columns each. In each a row may have one wrong entry; in
// the whole it could have two in one node.
func ExampleBlockRobustPCA() {
	data := mat.NewDense(3, 6, []float64{
		1, 1, 9, 1, 1, 1,
		1, 1, 1, 9, 1, 1,
		1, 9, 1, 1, 1, 9,
	})
	p, err := problem.BlockRobustPCA{Data: data, Widths: []int{3, 3}, Rank: 1, Alpha: 0.34}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(p)
	x.U.Apply(func(_, _ int, _ float64) float64 { return 1 }, x.U)
	x.V.Apply(func(_, _ int, _ float64) float64 { return 1 }, x.V)
	e, _ := lr.SparsePartOf(p)
	fmt.Println("value:", e.Grad(nil, x))
	fmt.Printf("S:\n%v\n", mat.Formatted(e.SparsePart(x)))
	parts, _ := lr.PartsOf(p)
	fmt.Println(parts[1])
	// Output:
	// value: 0
	// S:
	// ⎡0  0  8  0  0  0⎤
	// ⎢0  0  0  8  0  0⎥
	// ⎣0  8  0  0  0  8⎦
	// RobustPCA(3×3, α 0.34, rank 1, M = UVᵀ, weight 1)
}

// The majoriser of Def 5 lies above f and has f's value and gradient where it is
// made.
func ExampleSplit_Majoriser() {
	p, err := problem.RandomRobustPCA{D1: 20, D2: 20, Rank: 1, Alpha: 0.1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		log.Fatal(err)
	}
	g, err := p.Majoriser(x)
	if err != nil {
		log.Fatal(err)
	}
	f, h := p.NewEval(), g.NewEval()
	fmt.Println("at x: equal", math.Abs(h.Grad(nil, x)-f.Grad(nil, x)) < 1e-9*f.Grad(nil, x))
	fmt.Println("at M*: above", h.Grad(nil, p.Truth()) > f.Grad(nil, p.Truth()))
	// Output:
	// at x: equal true
	// at M*: above true
}
