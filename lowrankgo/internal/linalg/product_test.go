package linalg_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Dot and AddProduct of parts of larger matrices, against gonum.
func TestProductsOfParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	part := func(r, c int) *mat.Dense {
		m := mat.NewDense(r+2, c+3, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, m)
		return m.Slice(1, r+1, 2, c+2).(*mat.Dense)
	}
	for d := 1; d < 8; d++ {
		a, b, dst, small := part(d, 3), part(d, 3), part(d, 3), part(3, 3)
		var ab, want mat.Dense
		ab.Mul(a.T(), b)
		if got := linalg.Dot(a, b); math.Abs(got-mat.Trace(&ab)) > 1e-13*(1+mat.Norm(&ab, 2)) {
			t.Errorf("d = %d: ⟨A, B⟩ = %v, want %v", d, got, mat.Trace(&ab))
		}
		want.Mul(a, small)
		want.Scale(-0.7, &want)
		want.Add(&want, dst)
		linalg.AddProduct(dst, -0.7, a, small)
		if !mat.EqualApprox(dst, &want, 1e-13) {
			t.Errorf("d = %d: dst + c·A·B is %v, want %v", d, mat.Formatted(dst), mat.Formatted(&want))
		}
	}
}
