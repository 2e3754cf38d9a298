package landscape

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestSparseDistanceVectors(t *testing.T) {
	for _, c := range independents(t, "lemma14", 2) {
		t.Run(c.Name, func(t *testing.T) {
			p, err := problem.RobustPCA{
				Data: c.dense(c.Mo), Rank: 2, Alpha: float64(c.RowCap) / 6, Cap: c.Cap, Symmetric: true,
				Projection: sparse.Exact, Truth: c.symmetric(c.Ustar),
			}.New()
			if err != nil {
				t.Fatal(err)
			}
			n, err := SparseDistance(p, c.symmetric(c.U))
			if err != nil {
				t.Fatal(err)
			}
			const tol = 1e-10
			agreesMatrix(t, "S", n.S, c.dense(c.S), tol)
			agreesMatrix(t, "U†U†ᵀ", n.Dagger.Dense(), c.dense(c.PR), tol)
			agrees(t, "min_R ‖U − U†R‖", n.ToDagger, c.DistanceDagger, tol)
			agrees(t, "‖Δ‖", n.Distance, c.Distance, tol)
			agrees(t, "κ*", n.Kappa, c.Kappa, tol)
			agrees(t, "the ratio", n.Ratio, c.Ratio, 1e-8)
		})
	}
}

// drawnRobust is objective (12), or (6), of random data with exact projections,
// and a point.
func drawnRobust(t *rapid.T) (p lr.Problem, x *lr.Factors, seed uint64) {
	seed = rapid.Uint64().Draw(t, "seed")
	c := problem.RandomRobustPCA{D1: rapid.IntRange(4, 12).Draw(t, "d1"), Seed: seed, Alpha: rapid.Float64Range(0.26, 0.4).Draw(t, "α"), Projection: sparse.Exact}
	c.D2 = c.D1
	if c.Symmetric = rapid.Bool().Draw(t, "symmetric"); !c.Symmetric {
		c.D2 = rapid.IntRange(4, 12).Draw(t, "d2")
	}
	c.Rank = rapid.IntRange(1, min(c.D1, c.D2)).Draw(t, "r")
	c.TruthRank = rapid.IntRange(1, c.Rank).Draw(t, "r*")
	if rapid.Bool().Draw(t, "cap") {
		c.Cap = rapid.Float64Range(0.1, 5).Draw(t, "Cap")
	}
	s, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	p = s
	if !c.Symmetric {
		if p, err = (problem.Balance{Of: s, Mu: 0.5}).New(); err != nil {
			t.Fatal(err)
		}
	}
	x = &lr.Factors{U: lr.NormalMatrix(lr.Stream(seed, "U"), c.D1, c.Rank)}
	if !c.Symmetric {
		x.V = lr.NormalMatrix(lr.Stream(seed, "V"), c.D2, c.Rank)
	}
	x.Scale(rapid.SampledFrom([]float64{0, 0.01, 1, 3}).Draw(t, "size"))
	return p, x, seed
}

// U† is the point next to x of the minimisers of the majoriser: a point of
// gradient 0 whose value no other point near it has below; and the distance is
// that of Align.
func TestSparseDistanceTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, x, seed := drawnRobust(t)
		n, err := SparseDistance(p, x)
		if err != nil {
			t.Fatal(err)
		}
		g, err := lr.MajoriserOf(p, x)
		if err != nil {
			t.Fatal(err)
		}
		e, grad := g.NewEval(), lr.NewPoint(g)
		least := e.Grad(grad, n.Dagger)
		size := n.Dagger.Norm()
		if grad.Norm() > 1e-9*(1+size*size*size) {
			t.Fatalf("seed %d: the majoriser has gradient %g at U†", seed, grad.Norm())
		}
		if v := e.Grad(nil, x); v < least-1e-9*(1+least) {
			t.Fatalf("seed %d: the majoriser is %g at U† and %g at x", seed, least, v)
		}
		truth, _ := lr.TruthOf(p)
		a, err := Align(x, truth)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Align(x, n.Dagger)
		if err != nil {
			t.Fatal(err)
		}
		if a.Distance != n.Distance || b.Distance != n.ToDagger {
			t.Fatalf("seed %d: distances %g and %g; by Align %g and %g", seed, n.Distance, n.ToDagger, a.Distance, b.Distance)
		}
		kappa := a.Sigma[0] / lastPositive(a.Sigma)
		if math.Abs(n.Kappa-kappa) > 1e-9*kappa {
			t.Fatalf("seed %d: κ* = %g, want %g", seed, n.Kappa, kappa)
		}
	})
}

func lastPositive(s []float64) float64 {
	last := 0.0
	for _, v := range s {
		if v > 1e-12*s[0] {
			last = v
		}
	}
	return last
}

func TestSparseDistanceInput(t *testing.T) {
	full, err := problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.2, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	gaps, err := problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.3, Observed: 0.8, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	data := mat.DenseCopyOf(full.Split().Data)
	noTruth, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.2}.New()
	if err != nil {
		t.Fatal(err)
	}
	sensing, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 1, M: 20, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	x := lr.NewFactors(6, 5, 1)
	nan := x.Clone()
	nan.U.Set(0, 0, math.NaN())
	for name, c := range map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		want error
	}{
		"no problem": {nil, x, lr.ErrEmpty},
		"sensing":    {sensing, x, lr.ErrAbility},
		"no truth":   {noTruth, x, lr.ErrAbility},
		"gaps":       {gaps, x, lr.ErrValue},
		"NaN":        {full, nan, lr.ErrValue},
		"shape":      {full, lr.NewFactors(5, 6, 1), lr.ErrShape},
	} {
		if _, err := SparseDistance(c.p, c.x); !errors.Is(err, c.want) {
			t.Errorf("SparseDistance, %s: %v, want %v", name, err, c.want)
		}
		if _, err := RobustChain(c.p, c.x); !errors.Is(err, c.want) {
			t.Errorf("RobustChain, %s: %v, want %v", name, err, c.want)
		}
	}
	// 0 is a point; the truth is one, where nothing is to be divided.
	for _, at := range []*lr.Factors{x, full.Truth()} {
		if n, err := SparseDistance(full, at); err != nil || n.Ratio < 0 {
			t.Errorf("%+v, %v", n, err)
		}
	}
}
