package landscape

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// The saddle that was looked at by itself is one of the list, and its smallest
// Hessian eigenvalue is −2(λ_out − λ_in) of ½‖UUᵀ − A‖².
func TestSwapSaddlesVectors(t *testing.T) {
	for _, c := range independents(t, "lemma13", 6) {
		if c.Name != "lemma13/swapped_saddle" {
			continue
		}
		all, err := SwapSaddles(c.dense(c.A), 2)
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, "λmin of the shallowest", all[0].LambdaMin, c.LambdaMin, 1e-10)
		agrees(t, "λmin by eigenvalues", all[0].LambdaMin, -2*(c.Eigenvalues[1]-c.Eigenvalues[2]), 1e-10)
		var got, want mat.Dense
		got.Mul(all[0].U, all[0].U.T())
		want.Mul(c.dense(c.U), c.dense(c.U).T())
		agreesMatrix(t, "the saddle's UUᵀ", &got, &want, 1e-8)
		return
	}
	t.Fatal("the case is not there")
}

// Each is critical, and the closed form is the smallest of all eigenvalues of
// its Hessian.
func TestSwapSaddles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng := lr.Stream(seed, "swap")
		d := rapid.IntRange(1, 6).Draw(t, "d")
		r := rapid.IntRange(1, d).Draw(t, "r")
		a := lr.NormalMatrix(rng, d, d)
		a.Mul(mat.DenseCopyOf(a), mat.DenseCopyOf(a.T()))
		for i := range d {
			a.Set(i, i, a.At(i, i)-float64(rapid.IntRange(0, 2).Draw(t, "shift")))
		}
		all, err := SwapSaddles(a, r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problem.Factorisation{A: a, Rank: r, Symmetric: true}.New()
		if err != nil {
			t.Fatal(err)
		}
		size := mat.Norm(a, 2)
		for i, s := range all {
			x, g := &lr.Factors{U: s.U}, lr.NewPoint(p)
			p.NewEval().Grad(g, x)
			if g.Norm() > 1e-11*(1+size)*(1+size) {
				t.Fatalf("seed %d: the saddle %d→%d has gradient %g", seed, s.Out, s.In, g.Norm())
			}
			values, err := HessianEigenvalues(context.Background(), p, x)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(values[0]-s.LambdaMin) > 1e-10*(1+size) || s.LambdaMin >= 0 {
				t.Fatalf("seed %d: the saddle %d→%d has λmin %g, in closed form %g", seed, s.Out, s.In, values[0], s.LambdaMin)
			}
			sure(t, seed, s.Rayleigh)
			if i > 0 && s.LambdaMin > all[i-1].LambdaMin {
				t.Fatalf("seed %d: not the shallowest first", seed)
			}
		}
	})
}

// All critical points of ½‖UUᵀ − A‖² choose some eigenpairs. Of those that are no
// minimum none is shallower than the first swap, at gap ratios down to 1.01: no
// spurious minimum, with a fifteenth of the gap that is printed.
func TestNoGapNeeded(t *testing.T) {
	for _, gap := range []float64{1.01, 1.11, 2, ProofGapRatio, PrintedGapRatio} {
		const d, r = 5, 2
		values := []float64{gap * gap, gap, 1, 0.7, 0.2}
		a := mat.NewDiagDense(d, values)
		all, err := SwapSaddles(a, r)
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, "the shallowest swap", all[0].LambdaMin, -2*(gap-1), 1e-12)
		p, err := problem.Factorisation{A: a, Rank: r, Symmetric: true}.New()
		if err != nil {
			t.Fatal(err)
		}
		for set := range 1 << d {
			x, k := lr.NewSymmetric(d, r), 0
			for i := range d {
				if set&(1<<i) != 0 {
					if k < r {
						x.U.Set(i, k, math.Sqrt(values[i]))
					}
					k++
				}
			}
			if k > r || set == 3 { // too many, or the minimum
				continue
			}
			spectrum, err := HessianEigenvalues(context.Background(), p, x)
			if err != nil {
				t.Fatal(err)
			}
			if spectrum[0] > all[0].LambdaMin+1e-10 {
				t.Errorf("gap %v: the critical point of pairs %05b has λmin %g, shallower than %g", gap, set, spectrum[0], all[0].LambdaMin)
			}
		}
	}
}

// Without a gap there is no saddle between equal eigenvalues; with fewer positive
// pairs than columns there are saddles with a column of 0.
func TestSwapSaddlesEdges(t *testing.T) {
	all, err := SwapSaddles(mat.NewDiagDense(3, []float64{1, 1, 1}), 2)
	if err != nil || len(all) != 2 || all[0].In != -1 {
		t.Errorf("of the identity: %v, %v; want the two with a column of 0", all, err)
	}
	all, err = SwapSaddles(mat.NewDiagDense(3, []float64{2, -1, -3}), 2)
	if err != nil || len(all) != 1 || all[0].In != -1 || math.Abs(all[0].LambdaMin+4) > 1e-12 {
		t.Errorf("one positive pair: %+v, %v; want λmin = −4", all, err)
	}
	for _, r := range []int{0, -1, 4} {
		if _, err := SwapSaddles(mat.NewDiagDense(3, []float64{3, 2, 1}), r); !errors.Is(err, lr.ErrRank) {
			t.Errorf("rank %d: %v", r, err)
		}
	}
	if _, err := SwapSaddles(mat.NewDense(2, 3, nil), 1); !errors.Is(err, lr.ErrShape) {
		t.Errorf("not square: %v", err)
	}
}
