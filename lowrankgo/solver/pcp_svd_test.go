package solver

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestTopAbove: the values above a threshold are all found, whatever was
// expected, and what they make is a soft threshold of the whole SVD to 1e-3 of
// the threshold and vector.
func TestTopAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 90).Draw(t, "d1"), rapid.IntRange(1, 90).Draw(t, "d2")
		rank := rapid.IntRange(1, min(d1, d2, 12)).Draw(t, "rank")
		noise := rapid.SampledFrom([]float64{0, 0.01, 1}).Draw(t, "noise")
		guess := rapid.IntRange(0, 8).Draw(t, "guess")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var a, e mat.Dense
		a.Mul(lr.NormalMatrix(rng, d1, rank), lr.NormalMatrix(rng, rank, d2))
		e.Scale(noise, lr.NormalMatrix(rng, d1, d2))
		a.Add(&a, &e)
		var svd mat.SVD
		if !svd.Factorize(&a, mat.SVDThin) {
			t.Fatal("no SVD")
		}
		sigma := svd.Values(nil)
		tau := sigma[0] * rapid.Float64Range(0.01, 1.1).Draw(t, "threshold")
		got, err := topAbove(context.Background(), &a, tau, guess, rng)
		if err != nil {
			t.Fatal(err)
		}
		want := &triplets{sigma: sigma, u: new(mat.Dense), v: new(mat.Dense)}
		svd.UTo(want.u)
		svd.VTo(want.v)
		want.above(tau)
		x, y := mat.NewDense(d1, d2, nil), mat.NewDense(d1, d2, nil)
		got.shrink(tau)
		want.shrink(tau)
		got.product(x)
		want.product(y)
		y.Sub(y, x)
		if e := mat.Norm(y, 2); e > 3e-3*tau*math.Sqrt(float64(1+len(want.sigma))) {
			t.Fatalf("off by %g, with a threshold of %g, %d values of %d", e, tau, len(got.sigma), len(want.sigma))
		}
	})
}

func TestTopAboveIsCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, d := range []int{10, 100} {
		if _, err := topAbove(ctx, lr.NormalMatrix(rng, d, d), 1, 0, rng); !errors.Is(err, context.Canceled) {
			t.Errorf("%d×%d: the error is %v", d, d, err)
		}
	}
}

// TestTripletFactors: a point has the largest triplets, or columns of 0.
func TestTripletFactors(t *testing.T) {
	s := &triplets{sigma: []float64{9, 4}, u: mat.NewDense(2, 2, []float64{1, 0, 0, 1}), v: mat.NewDense(3, 2, []float64{0, 1, 1, 0, 0, 0})}
	m := mat.NewDense(2, 3, nil)
	s.product(m)
	if want := mat.NewDense(2, 3, []float64{0, 9, 0, 4, 0, 0}); !mat.Equal(m, want) {
		t.Errorf("the product is %v", mat.Formatted(m))
	}
	x := lr.NewFactors(2, 3, 1)
	s.factors(x)
	if got, want := x.Dense(), mat.NewDense(2, 3, []float64{0, 9, 0, 0, 0, 0}); !mat.Equal(got, want) {
		t.Errorf("rank 1 is %v", mat.Formatted(got))
	}
	x = lr.NewFactors(2, 3, 2)
	s.sigma = s.sigma[:1]
	s.factors(x)
	if got := x.U.At(1, 1); got != 0 {
		t.Errorf("a column beyond the rank has %g", got)
	}
	s.sigma = nil
	s.product(m)
	if mat.Norm(m, 2) != 0 {
		t.Error("no triplets are not 0")
	}
}
