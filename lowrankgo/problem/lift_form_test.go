package problem_test

import (
	"errors"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// general is (w/2)(M−M*):H0:(M−M*) for a random H0, not positive.
func general(t fataler, seed uint64, d1, d2, r int, weight float64) (lr.Problem, form) {
	t.Helper()
	f := randomForm(seed, d1*d2)
	h, err := operator.DenseForm{D1: d1, D2: d2, H: f.h}.New()
	ok(t, h, err)
	rng := lr.Stream(seed, "truth")
	p, err := problem.General{
		Form: h, Rank: r, Weight: weight,
		Truth: &lr.Factors{U: lr.NormalMatrix(rng, d1, r), V: lr.NormalMatrix(rng, d2, r)},
	}.New()
	return ok(t, p, err), f
}

// TestLiftErrorForm holds value, gradient and Hessian products of a lift against
// those of its form around N* and its Q, for regularisers of any weight.
func TestLiftErrorForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 4).Draw(t, "d1"), rapid.IntRange(1, 4).Draw(t, "d2")
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		seed, weight := rapid.Uint64().Draw(t, "seed"), rapid.Float64Range(0.1, 3).Draw(t, "w")
		inside, _ := general(t, seed, d1, d2, r, weight)
		var err error
		regularised := rapid.Bool().Draw(t, "regularised")
		if regularised {
			inside, err = problem.Balance{Of: inside, Mu: 0.7}.New()
			inside, err = problem.RowNorm{Of: ok(t, inside, err), Lambda: 0.3, Alpha: 0.5}.New()
			ok(t, inside, err)
		}
		l := lifted(t, inside)
		f, has := lr.ErrorFormOf(l)
		if !has || f.Weight != weight || (f.Q != nil) != regularised {
			t.Fatalf("form %v of %v; want weight %g and Q: %t", f, l, weight, regularised)
		}
		again, err := problem.General{Form: f.Form, Truth: l.Truth(), Rank: r, Weight: f.Weight, Symmetric: true}.New()
		ok(t, again, err)
		want := of(t, again)
		if f.Q != nil {
			want = plus(want, of(t, f.Q))
		}
		agree(t, l, want, randomPoint(l, seed, "w"), randomPoint(l, seed, "d"))
	})
}

// The form is 4H1 by the definition, also on matrices that are not symmetric.
func TestLiftForm(t *testing.T) {
	p, f := general(t, 3, 3, 4, 2, 1)
	got, _ := lr.ErrorFormOf(lifted(t, p))
	lowranktest.TestForm(t, got.Form, func(n *mat.Dense) *mat.Dense {
		var h mat.Dense
		h.Scale(4, f.h1(n, 3))
		return &h
	})
	if got := fmt.Sprint(got.Form); got != "4·lift(DenseForm(3×4))" {
		t.Errorf("prints %q", got)
	}
}

func TestLiftErrorFormOfOthers(t *testing.T) {
	if f, has := lr.ErrorFormOf(lifted(t, nothing(4, 3, 1))); has {
		t.Errorf("form %v of a bare problem; want none", f)
	}
}

// TestLiftCurvature holds ∇²F(N) against second differences of f on both blocks.
func TestLiftCurvature(t *testing.T) {
	for name, p := range curved(t) {
		t.Run(name, func(t *testing.T) {
			l := lifted(t, p)
			for k := 1; k <= 5; k += 2 {
				n := &lr.Factors{U: gaussians("nu", 10, k)}
				if k > 1 {
					n.V = gaussians("nv", 10, k)
				}
				d := &lr.Factors{U: gaussians("du", 10, 3), V: gaussians("dv", 10, 3)}
				h, err := lr.CurvatureOf(l, n)
				got := ok(t, h, err).NewEval().Apply(d.U, d.V)
				nd, dd := n.Dense(), d.Dense()
				upper := func(m *mat.Dense) *mat.Dense { return mat.DenseCopyOf(m.Slice(0, 6, 6, 10)) }
				lower := func(m *mat.Dense) *mat.Dense { return mat.DenseCopyOf(m.Slice(6, 10, 0, 6).T()) }
				want := 2*secondDifference(p, upper(nd), upper(dd)) + 2*secondDifference(p, lower(nd), lower(dd))
				near(t, "D:∇²F:D", 1e-5, scalar(got), scalar(want))
			}
		})
	}
	if _, err := lr.CurvatureOf(lifted(t, nothing(4, 3, 1)), lr.NewSymmetric(7, 2)); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("of a bare problem: error %v", err)
	}
	if _, err := lr.CurvatureOf(lifted(t, nothing(4, 3, 1)), lr.NewFactors(7, 7, 2)); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("of a bare problem: error %v", err)
	}
}
