package problem_test

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"pgregory.net/rapid"
)

// The majoriser is a smooth problem like any other, of dense data, of data with
// gaps and of lists, with the value and gradient of f where it is made and the
// Hessian of S frozen.
func TestMajoriser(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"dense":     {D1: 10, D2: 8, Rank: 2, Alpha: 0.2, Seed: 1},
		"capped":    {D1: 10, D2: 8, Rank: 2, Alpha: 0.2, Cap: 1, Seed: 1},
		"gaps":      {D1: 10, D2: 8, Rank: 2, Alpha: 0.3, Observed: 0.7, Seed: 2},
		"symmetric": {D1: 9, Rank: 2, Alpha: 0.2, Symmetric: true, Seed: 3},
		"exact":     {D1: 10, D2: 8, Rank: 1, Alpha: 0.2, Projection: sparse.Exact, Seed: 4},
	} {
		t.Run(name, func(t *testing.T) {
			p := drawn(t, c)
			all := []*problem.Split{p}
			if c.Projection == sparse.Threshold {
				all = append(all, asList(t, p))
			}
			for _, p := range all {
				x, d := randomPoint(p, 5, "point"), randomPoint(p, 5, "direction")
				g, err := p.Majoriser(x)
				if err != nil {
					t.Fatal(err)
				}
				lowranktest.TestProblem(t, g)
				value, grad, hess := derivatives(t, g, x, d)
				n := &naiveSplit{data: wholeOf(p), set: p.Split().Set}
				e, _ := lr.SparsePartOf(p)
				want, wantGrad, wantHess := n.with(n.residual(x), e.SparsePart(x).Dense()), x.Clone(), x.Clone()
				n.grad(wantGrad, x)
				n.hess(wantHess, x, d, true)
				near(t, "value", 1e-12, scalar(value), scalar(want))
				nearFactors(t, "gradient", 1e-11, grad, wantGrad)
				nearFactors(t, "Hessian product", 1e-11, hess, wantHess)
				if truth, ok := lr.TruthOf(g); !ok || !truth.Equal(p.Truth()) {
					t.Error("the truth is lost")
				}
			}
		})
	}
}

// With the exact rule the majoriser is nowhere below f.
func TestMajoriserIsAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng := lr.Stream(seed, "majoriser")
		data := holey(rng, 7, 6, 0.9)
		data.Set(0, 0, 1)
		p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.4, Cap: 3, Projection: sparse.Exact}.New()
		if err != nil {
			t.Fatal(err)
		}
		points := randomPoints(rng, 7, 6, 1, false, 2)
		g, err := p.Majoriser(points[0])
		if err != nil {
			t.Fatal(err)
		}
		f, h := p.NewEval(), g.NewEval()
		if a, b := h.Grad(nil, points[0]), f.Grad(nil, points[0]); math.Abs(a-b) > 1e-12*(1+b) {
			t.Fatalf("where it is made it is %g, and f is %g", a, b)
		}
		if a, b := h.Grad(nil, points[1]), f.Grad(nil, points[1]); a < b-1e-12*(1+b) {
			t.Fatalf("it is %g elsewhere, below f, %g", a, b)
		}
	})
}

func TestMajoriserInput(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 10, D2: 8, Rank: 2, Alpha: 0.2})
	if _, err := p.Majoriser(lr.NewFactors(10, 8, 3)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("a point of another rank gives %v", err)
	}
	x := lr.NewPoint(p)
	x.U.Set(0, 0, math.NaN())
	if _, err := p.Majoriser(x); !errors.Is(err, lr.ErrValue) {
		t.Errorf("a point with NaN gives %v", err)
	}
}

// A regulariser leaves S as it is, whatever it is; data to split pass through
// Balance alone.
func TestSplitWrapped(t *testing.T) {
	p := drawn(t, problem.RandomRobustPCA{D1: 10, D2: 8, Rank: 2, Alpha: 0.2, Seed: 1})
	balance := balanced(t, p, 0.5)
	ridge := must(t)(problem.Ridge{Of: p, Lambda: 0.1}.New())
	both := must(t)(problem.Ridge{Of: balance, Lambda: 0.1}.New())
	x := randomPoint(p, 2, "point")
	of, _ := lr.SparsePartOf(p)
	want := of.SparsePart(x)
	for name, c := range map[string]struct {
		of    lr.Problem
		split bool
	}{"balance": {balance, true}, "ridge": {ridge, false}, "both": {both, false}, "twice": {balanced(t, balance, 1), true}} {
		if s, ok := lr.SplitOf(c.of); ok != c.split || ok && s.Data != p.Split().Data {
			t.Errorf("%s: data to split are there: %t, want %t", name, ok, c.split)
		}
		e, ok := lr.SparsePartOf(c.of)
		if !ok {
			t.Errorf("%s: no sparse part", name)
			continue
		}
		near(t, name, 0, e.SparsePart(x).Dense(), want.Dense())
		if e.Overfull(x) != of.Overfull(x) {
			t.Errorf("%s: Overfull is another", name)
		}
	}
	plain := balanced(t, made(t, problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 9}), 1)
	if _, ok := lr.SparsePartOf(plain); ok {
		t.Error("a sparse part is claimed over a problem without it")
	}
	if _, ok := lr.SplitOf(plain); ok {
		t.Error("data to split are claimed over a problem without them")
	}
}
