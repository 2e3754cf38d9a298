package landscape

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// The terms add up at any point, and the end is never exceeded.
func TestRobustChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, x, seed := drawnRobust(t)
		n, err := RobustChain(p, x)
		if err != nil {
			t.Fatal(err)
		}
		sure(t, seed, n.Identity, n.End)
		if !x.Symmetric() {
			return
		}
		// The symmetric chain is Lemma 13 with A = Data − S.
		f, err := FactorisationIdentity(n.Near.rest, x.U)
		if err != nil {
			t.Fatal(err)
		}
		size := 1e-10 * (1 + n.Identity.Scale)
		if math.Abs(f.Curvature-n.Curvature) > size || math.Abs(f.DD-n.DD) > size || math.Abs(f.EE-n.EE) > size ||
			math.Abs(f.Gradient-n.Gradient) > size || math.Abs(6*f.Residue-n.Residue) > size || math.Abs(f.Distance-n.Near.ToDagger) > size {
			t.Fatalf("seed %d: %+v; by FactorisationIdentity %+v", seed, n, f)
		}
	})
}

// The bound of the end in 10,000 instances, symmetric and not.
func TestRobustEndNeverViolated(t *testing.T) {
	const seed = 5
	rng := lr.Stream(seed, "robust end")
	var problems []lr.Problem
	for k := range 8 {
		c := problem.RandomRobustPCA{D1: 5, D2: 5, Rank: 1 + k%2, Alpha: 0.2, Symmetric: k%4 < 2, Seed: uint64(k), Projection: sparse.Exact}
		s, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		var p lr.Problem = s
		if !c.Symmetric {
			if p, err = (problem.Balance{Of: s, Mu: 0.5}).New(); err != nil {
				t.Fatal(err)
			}
		}
		problems = append(problems, p)
	}
	over := math.Inf(-1)
	at := func(p lr.Problem, v []float64) float64 {
		x := lr.NewPoint(p)
		n := copy(x.U.RawMatrix().Data, v)
		if x.V != nil {
			copy(x.V.RawMatrix().Data, v[n:])
		}
		c, err := RobustChain(p, x)
		if err != nil {
			t.Fatal(err)
		}
		if !c.Identity.Holds(1e-10) {
			t.Errorf("seed %d: %v", seed, c.Identity)
		}
		return (c.End.Left - c.End.Right) / c.End.Scale
	}
	for k := range 9000 {
		v := make([]float64, 20)
		size := math.Pow(10, 2*rng.Float64()-1)
		for i := range v {
			v[i] = size * rng.NormFloat64()
		}
		over = math.Max(over, at(problems[k%len(problems)], v))
	}
	best, _ := maximise(rng, 5, 2, 500, func(v []float64) float64 { return at(problems[0], v) })
	if over > 1e-12 || best > 1e-12 {
		t.Errorf("seed %d: the end is exceeded by %g and, climbing, by %g of its scale", seed, over, best)
	}
}

// A regulariser other than ⅛R shows in the identity.
func TestRobustChainSeesAnotherRegulariser(t *testing.T) {
	s, err := problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 2, Alpha: 0.2, Seed: 1, Projection: sparse.Exact}.New()
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.Balance{Of: s, Mu: 2}.New()
	if err != nil {
		t.Fatal(err)
	}
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "U"), 6, 2), V: lr.NormalMatrix(lr.Stream(1, "V"), 5, 2)}
	if n, err := RobustChain(p, x); err != nil || n.Identity.Holds(1e-6) {
		t.Errorf("with μ = 2: %v, %v", n.Identity, err)
	}
}

// The majoriser is one at any point, with exact projections, and is certified.
func TestPseudoStrictSaddle(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		p, x, seed := drawnRobust(t)
		n, err := PseudoStrictSaddle(ctx, p, x, nil, &Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		sure(t, seed, n.Equal, n.Gradient, n.Above)
		g, err := lr.MajoriserOf(p, x)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Certify(ctx, g, x, &Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if n.Certificate.Curvature.Value != c.Curvature.Value || n.Certificate.Verdict != c.Verdict {
			t.Fatalf("seed %d: certificate %v, of the majoriser %v", seed, n.Certificate.Verdict, c.Verdict)
		}
		// A probe of the caller's.
		y := x.Clone()
		y.Scale(-1.7)
		if n, err = PseudoStrictSaddle(ctx, p, x, []*lr.Factors{x, y}, nil); err != nil || n.Probes != 2 {
			t.Fatalf("seed %d: %+v, %v", seed, n, err)
		}
		sure(t, seed, n.Above)
	})
}

// A projection by Threshold is no minimiser, and the probes show it: f is above
// g_x where another S is nearer.
func TestPseudoStrictSaddleRefutes(t *testing.T) {
	data := mat.NewDense(2, 2, []float64{4, 4.1, 4.1, 1})
	p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.5, Truth: lr.NewFactors(2, 2, 1)}.New()
	if err != nil {
		t.Fatal(err)
	}
	x := lr.NewFactors(2, 2, 1) // S holds both 4.1
	y := x.Clone()              // the residual at (0, 0) is −4.2 here, and alone in S by Threshold
	y.U.Set(0, 0, -1)
	y.V.Set(0, 0, 0.2)
	n, err := PseudoStrictSaddle(context.Background(), p, x, []*lr.Factors{y}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n.Above.Holds(1e-10) {
		t.Errorf("f(y) = %g, g_x(y) = %g: not refuted", n.Above.Left, n.Above.Right)
	}
}

func TestPseudoStrictSaddleInput(t *testing.T) {
	ctx := context.Background()
	p, err := problem.RandomRobustPCA{D1: 6, D2: 5, Rank: 1, Alpha: 0.2, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	sensing, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 1, M: 20, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	x := lr.NewFactors(6, 5, 1)
	if _, err := PseudoStrictSaddle(ctx, sensing, x, nil, nil); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("sensing: %v", err)
	}
	if _, err := PseudoStrictSaddle(ctx, p, lr.NewFactors(6, 5, 2), nil, nil); !errors.Is(err, lr.ErrShape) {
		t.Errorf("shape: %v", err)
	}
	if _, err := PseudoStrictSaddle(ctx, p, x, []*lr.Factors{x, lr.NewFactors(5, 5, 1)}, nil); !errors.Is(err, lr.ErrShape) {
		t.Errorf("probe: %v", err)
	}
	if _, err := PseudoStrictSaddle(ctx, nil, x, nil, nil); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("nil: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := PseudoStrictSaddle(ended, p, x, nil, nil); !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
