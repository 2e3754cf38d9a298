package theory

import (
	"context"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// The saddles of lower rank are critical, of that rank, and no minima.
func TestLowRankSaddles(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(6) {
		for _, symmetric := range []bool{true, false} {
			c, err := completionOf(seed, symmetric)
			if err != nil {
				t.Fatal(err)
			}
			points, err := lowRankSaddles(ctx, c.Problem, seed)
			if err != nil {
				t.Fatal(err)
			}
			if want := 1 + int(seed%3); len(points) != want {
				t.Fatalf("seed %d: %d saddles, want %d", seed, len(points), want)
			}
			for k, x := range points {
				g := lr.NewPoint(c.Problem)
				c.Problem.NewEval().Grad(g, x)
				cert, err := landscape.Certify(ctx, c.Problem, x, nil)
				if err != nil {
					t.Fatal(err)
				}
				if g.Norm() > 1e-6 || !(cert.Curvature.Value < -0.1) || cert.RankU != x.Rank()-k-1 {
					t.Errorf("seed %d, %d columns of 0: gradient %g, λmin %g, rank %d", seed, k+1, g.Norm(), cert.Curvature.Value, cert.RankU)
				}
			}
		}
	}
}

// The cases have the numbers of their theorem: Lemma 11 is sure, and the truth is
// a minimum with no penalty.
func TestCompletionOf(t *testing.T) {
	for seed := range uint64(6) {
		for _, symmetric := range []bool{true, false} {
			c, err := completionOf(seed, symmetric)
			if err != nil {
				t.Fatal(err)
			}
			truth, _ := lr.TruthOf(c.Problem)
			x := normalPoint(lr.Stream(seed, "x"), c.Problem, 1)
			n, err := landscape.CompletionChain(c, x)
			if err != nil {
				t.Fatal(err)
			}
			if n.RowNorm.Share.Applies() != landscape.Yes || !n.RowNorm.Share.Holds(1e-12) || !n.Identity.Holds(1e-10) {
				t.Errorf("seed %d: %v\n%v", seed, n.RowNorm.Share, n.Identity)
			}
			a, err := landscape.Align(x, truth)
			if err != nil {
				t.Fatal(err)
			}
			if v := c.Problem.NewEval().Grad(nil, a.Nearest); v > 1e-20 {
				t.Errorf("seed %d: the value at the truth is %g", seed, v)
			}
			if s := leastSigma(c.Problem); math.Abs(s-lastOf(a.Sigma)) > 1e-12 {
				t.Errorf("seed %d: σᵣ* is %v, want %v", seed, s, lastOf(a.Sigma))
			}
		}
	}
}

func lastOf(s []float64) float64 { return s[len(s)-1] }

// The point that is said to attain Lemma 11's bound does.
func TestLongRow(t *testing.T) {
	for _, c := range []float64{1, 1.7, 4, 9} {
		w, err := landscape.WorstRow(c)
		if err != nil {
			t.Fatal(err)
		}
		x, truth := longRow(w)
		n, err := landscape.RowNormCurvature(landscape.RowPenalty{Lambda: 1, Alpha: 1}, x, truth)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(n.Bound.Left/n.Bound.Right-1) > 1e-12 || math.Abs(n.C-c) > 1e-12 {
			t.Errorf("C = %v: %v", c, n.Bound)
		}
	}
}
