package operator_test

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// A map of 10¹¹ numbers, 800 GB, that are drawn when they are needed.
func ExampleGaussianEnsemble() {
	op, err := operator.GaussianEnsemble{D1: 100, D2: 100, M: 10_000_000, Seed: 1, MatrixFree: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(op, "takes", op.Bytes(), "bytes")
	stored, _ := operator.GaussianEnsemble{D1: 100, D2: 100, M: 5, Seed: 1}.New()
	fmt.Println("the fifth matrix is the stored one:", mat.Equal(op.Matrix(4), stored.Matrix(4)))
	// Output:
	// Gaussian(10000000 matrix-free measurements of 100×100) takes 0 bytes
	// the fifth matrix is the stored one: true
}

// Phase retrieval: intensities |⟨aᵢ, x⟩|² are linear in xxᵀ.
func ExampleNewRankOne() {
	a := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 1, 1})
	op, err := operator.NewRankOne(a, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, dst := mat.NewDense(2, 1, []float64{3, -2}), make([]float64, 3)
	op.NewEval().Apply(dst, x, x, nil)
	fmt.Println(op, dst)
	// Output:
	// RankOne(3 measurements aaᵀ of 2×2) [9 4 1]
}

func ExampleRankOneEnsemble() {
	op, err := operator.RankOneEnsemble{D1: 300, D2: 200, M: 4000, Seed: 1}.New()
	fmt.Println(op, "takes", op.Bytes(), "bytes", err)
	// Output:
	// RankOne(4000 measurements abᵀ of 300×200) takes 16000000 bytes <nil>
}

func ExampleNewIdentity() {
	op, err := operator.NewIdentity(2, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	u, v := mat.NewDense(2, 1, []float64{1, 2}), mat.NewDense(2, 1, []float64{3, 4})
	dst := make([]float64, 4)
	op.NewEval().Apply(dst, u, v, []float64{3, 4, 6, 9}) // vec(UVᵀ) − b
	fmt.Println(op, dst)
	// Output:
	// Identity(2×2) [0 0 0 -1]
}

// Measurements by a fast transform are orthogonal: 𝒜𝒜* = d1·d2·I.
func ExampleNewSubsampledTransform() {
	op, err := operator.NewSubsampledTransform(500, 400, 30_000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(op, "takes", op.Bytes(), "bytes")
	w := make([]float64, 30_000)
	w[7] = 1
	e, g, back := lr.DenseEvalOf(op), mat.NewDense(500, 400, nil), make([]float64, 30_000)
	e.Adjoint(w)
	e.AdjointDense(g)
	e.ApplyDense(back, g, nil)
	fmt.Printf("%.6f %t\n", back[7]/(500*400), math.Abs(back[8]) < 1e-9)
	// Output:
	// SubsampledTransform(30000 of 500×400 numbers) takes 265000 bytes
	// 1.000000 true
}
