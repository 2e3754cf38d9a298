package landscape

import (
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func TestBalanceIdentityVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "balance_identity") {
		weighted := wanted[*problem.Quadratic](t)(problem.WeightedFactorisation{A: rowsMatrix(c.Xstar), Weights: rowsMatrix(c.Weights), Rank: len(c.U[0])}.New())
		p := wanted[*problem.Regularised](t)(problem.Balance{Of: weighted, Mu: c.Mu}.New())
		got, err := BalanceIdentity(p, rowsFactors(c.U, c.V), c.Mu)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		matrixNear(t, c.Name+": right", got.Right, c.RhsMatrix)
		if !got.Identity.Holds(1e-13) || got.Identity.Applies() != Yes {
			t.Errorf("%s: %v", c.Name, got.Identity)
		}
		matrixNear(t, c.Name+": left", got.Left, c.LhsMatrix)
	}
}

// TestBalanceIdentityProperty: for any f, here forms that are not even positive.
func TestBalanceIdentityProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawSize(rt, false)
		rng := lr.Stream(s.seed, "balance")
		h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: s.d1, D2: s.d2, Delta: 0.9, Seed: s.seed}.New())
		f := generalOf(t, h, normalFactors(rng, s.d1, s.d2, 1), s.r)
		mu := math.Pow(10, 4*rng.Float64()-2)
		p := wanted[*problem.Regularised](t)(problem.Balance{Of: f, Mu: mu}.New())
		x := normalFactors(rng, s.d1, s.d2, s.r)
		got, err := BalanceIdentity(p, x, mu)
		if err != nil {
			rt.Fatal(err)
		}
		if !got.Identity.Holds(1e-12) || got.Identity.Applies() != Yes {
			rt.Fatal(got.Identity)
		}
		if !got.Weighted.Holds(1e-12) || !got.Balanced.Holds(1e-12) {
			rt.Fatalf("%v\n%v", got.Weighted, got.Balanced)
		}
		plain, err := BalanceIdentity(f, x, 0)
		if err != nil {
			rt.Fatal(err)
		}
		if !plain.Identity.Holds(1e-12) || plain.Identity.Applies() != Yes || plain.Weighted.Claim != "" {
			rt.Fatalf("without a regulariser: %v", plain.Identity)
		}
	})
}

// TestBalanceBoundsAdversary: nothing is found above the bounds, the first of
// which is attained.
func TestBalanceBoundsAdversary(t *testing.T) {
	eye := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 2, D2: 2}.New())
	bounds := map[string]func(*BalanceTerms) Check{
		"weighted": func(b *BalanceTerms) Check { return b.Weighted },
		"balanced": func(b *BalanceTerms) Check { return b.Balanced },
	}
	for name, of := range bounds {
		for _, r := range []int{1, 2} {
			best, at := maximise(lr.Stream(9, name), 8*r, 4, 1500, func(v []float64) float64 {
				x, truth := cut(v[:4*r], 2, r, false), cut(v[4*r:], 2, r, false)
				p := wanted[*problem.Regularised](t)(problem.Balance{Of: generalOf(t, eye, truth, r), Mu: 1}.New())
				b, err := BalanceIdentity(p, x, 1)
				if err != nil || b.GradNorm < 1e-6 {
					return math.NaN()
				}
				return ratio(of(b))
			})
			if best > 1+1e-9 {
				t.Errorf("%s, r = %d: %v of the bound at %v", name, r, best, at)
			}
			if name == "weighted" && best < 0.9 {
				t.Errorf("%s, r = %d: only %v of the bound is found", name, r, best)
			}
		}
	}
}

// TestBalanceIdentityOthers: another μ, or another term, is named.
func TestBalanceIdentityOthers(t *testing.T) {
	rng := lr.Stream(3, "others")
	eye := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 4, D2: 3}.New())
	f := generalOf(t, eye, normalFactors(rng, 4, 3, 2), 2)
	p := wanted[*problem.Regularised](t)(problem.Balance{Of: f, Mu: 0.5}.New())
	x := normalFactors(rng, 4, 3, 2)
	ridge := wanted[*problem.Regularised](t)(problem.Ridge{Of: p, Lambda: 1}.New())
	for name, c := range map[string]struct {
		p    lr.Problem
		mu   float64
		want Answer
	}{
		"another μ":        {p, 0.6, No},
		"a ridge":          {ridge, 0.5, No},
		"the ridge at μ 0": {ridge, 0, No},
		"no regulariser":   {f, 0.5, Unknown},
		"as it is":         {p, 0.5, Yes},
	} {
		got, err := BalanceIdentity(c.p, x, c.mu)
		if err != nil {
			t.Fatal(err)
		}
		if a := got.Identity.Applies(); a != c.want {
			t.Errorf("%s: applies %v, want %v", name, a, c.want)
		}
		if holds := got.Identity.Holds(1e-10); holds != (c.want == Yes) {
			t.Errorf("%s: holds %t: %v", name, holds, got.Identity)
		}
	}
	nan := x.Clone()
	nan.V.Set(0, 0, math.Inf(1))
	sym := generalOf(t, wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 3, D2: 3}.New()), normalFactors(rng, 3, 0, 1), 1)
	for name, c := range map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		mu   float64
		want error
	}{
		"nil":       {nil, x, 1, lr.ErrEmpty},
		"symmetric": {sym, normalFactors(rng, 3, 0, 1), 1, lr.ErrShape},
		"shape":     {p, normalFactors(rng, 4, 4, 2), 1, lr.ErrShape},
		"infinite":  {p, nan, 1, lr.ErrValue},
		"μ < 0":     {p, x, -1, lr.ErrValue},
		"μ NaN":     {p, x, math.NaN(), lr.ErrValue},
	} {
		if _, err := BalanceIdentity(c.p, c.x, c.mu); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestUnbalancedFactors(t *testing.T) {
	for _, eps := range []float64{1, 1e-3, 1e3, 1e-7} {
		x, err := UnbalancedFactors(eps)
		if err != nil {
			t.Fatal(err)
		}
		matrixNear(t, "UVᵀ", x, [][]float64{{1, 0}, {0, 1}})
		if got, want := mat.Cond(x.U, 2), math.Max(eps*eps, 1/(eps*eps)); math.Abs(got-want) > 1e-9*want {
			t.Errorf("ε = %v: condition %v, want %v", eps, got, want)
		}
	}
	for _, eps := range []float64{0, -1, math.NaN(), math.Inf(1), 5e-324} {
		if _, err := UnbalancedFactors(eps); !errors.Is(err, lr.ErrValue) {
			t.Errorf("ε = %v: %v", eps, err)
		}
	}
}

// Without a regulariser a minimiser may be as badly conditioned as one likes;
// with it, imbalance shows in the gradient.
func ExampleBalanceIdentity() {
	eye := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	f, err := problem.Factorisation{A: eye, Rank: 2}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := problem.Balance{Of: f, Mu: 0.5}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := UnbalancedFactors(0.1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range []struct {
		p  lr.Problem
		mu float64
	}{{f, 0}, {p, 0.5}} {
		b, err := BalanceIdentity(c.p, x, c.mu)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("μ = %v: gradient %.0f, ‖UᵀU − VᵀV‖ = %.0f, identity holds %t\n", c.mu, b.GradNorm, b.Imbalance, b.Identity.Holds(1e-12))
	}
	// Output:
	// μ = 0: gradient 0, ‖UᵀU − VᵀV‖ = 141, identity holds true
	// μ = 0.5: gradient 707, ‖UᵀU − VᵀV‖ = 141, identity holds true
}
