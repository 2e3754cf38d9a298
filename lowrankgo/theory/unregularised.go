package theory

import (
	"context"
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// unregularisedItems are those of [L] about one machine: Example I.1, Def III.1
// and the two cases of Thm III.1.
func unregularisedItems() []Item {
	return []Item{
		{
			Name:      "[L] Example I.1",
			Statement: "g = ½(1−uv)² is critical where uv = 1 and at 0, g̃ = g + (μ/4)(u²−v²)² only at ±(1,1), eigenvalues {2, 4μ}, and 0, eigenvalues ∓1, a strict saddle of both",
			Functions: []string{"landscape.ScalarExample"},
			Tests:     []string{"landscape.TestScalarExample", "landscape.TestScalarCritical", "landscape.TestScalarOnlyTheseCriticalPoints"},
			Measure:   measureScalar,
		}, {
			Name:      "[L] Def III.1",
			Statement: "α‖D‖² ≤ ∇²f(X)[D,D] ≤ β‖D‖² for X of rank ≤ 2r and D of rank ≤ 4r: a computed lower bound of β/α, infinite for Fig. 2's own instance",
			Functions: []string{"landscape.RestrictedConvexity", "landscape.NullMatrix"},
			Tests:     []string{"landscape.TestRestrictedConvexityAttained", "landscape.TestRestrictedConvexityIsALowerBound", "landscape.TestFigure2OutsideTheorem", "landscape.TestNullMatrix"},
			Measure:   measureRestricted,
		}, {
			Name:       "[L] Thm III.1, full rank",
			Statement:  "G₁G₂ᵀ = I takes (U,V) to the balanced (Ũ,Ṽ); a direction D̃ of negative curvature of g̃ there gives D = (D̃_U G₁⁻¹, D̃_V G₂⁻¹), negative for g: critical points other than X* are strict saddles",
			Functions:  []string{"landscape.BalancedDirection"},
			Tests:      []string{"landscape.TestBalancedDirectionVectors", "landscape.TestBalancedDirectionAnywhere", "landscape.TestStrictSaddlesOfTheTheorem"},
			Hypotheses: "the identities: rank UVᵀ = r; the conclusion: also ∇g = 0, β/α ≤ 3/2, a critical X* of rank ≤ r, UVᵀ ≠ X*",
			Measure:    measureBalancedDirection,
		}, {
			Name:       "[L] Thm III.1, rank-deficient",
			Statement:  "Ub = 0, ‖b‖ = 1, (u,v) the top singular pair of ∇f: λmin(∇²g) ≤ (c − √(c² + 4‖∇f‖₂²))/2, c = ∇²f[u(Vb)ᵀ, u(Vb)ᵀ], at every such point; an equality where Vb = 0 and ∇²f ⪰ 0",
			Functions:  []string{"landscape.DeficientDirection", "landscape.Deficiency.EntryDirection"},
			Tests:      []string{"landscape.TestDeficientDirectionVectors", "landscape.TestDeficientDirectionAnywhere", "landscape.TestDeficientBoundAdversary", "landscape.TestDeficientDirectionLarge"},
			Hypotheses: "U or V of rank below r; the equality: Ub = 0 and Vb = 0, f convex",
			Measure:    measureDeficientDirection,
		},
	}
}

// measureScalar evaluates the closed forms for many μ, and against the library's own
// 1×1 problems at random points.
func measureScalar(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(1000), func(i int) error {
		rng := lr.Stream(e.Seed, "scalar", uint64(i))
		s := landscape.ScalarExample{Mu: math.Pow(10, 4*rng.Float64()-3)}
		if i%4 == 0 {
			s.Mu = 0
		}
		u, v := 2*rng.NormFloat64(), 2*rng.NormFloat64()
		checks, err := s.Checks(u, v, math.Pow(10, 2*rng.Float64()-1))
		if err != nil {
			return err
		}
		for _, c := range checks {
			t.add(c)
		}
		p, err := scalarProblem(s.Mu)
		if err != nil {
			return err
		}
		x := &lr.Factors{U: mat.NewDense(1, 1, []float64{u}), V: mat.NewDense(1, 1, []float64{v})}
		g := lr.NewPoint(p)
		size := (1 + s.Mu) * math.Pow(1+u*u+v*v, 2)
		t.residual(besides(s.Value(u, v), p.NewEval().Grad(g, x), size))
		du, dv := s.Gradient(u, v)
		t.residual(besides(du, g.U.At(0, 0), size))
		t.residual(besides(dv, g.V.At(0, 0), size))
		return nil
	})
	if err == nil {
		m.Note = "residual: gradient 0, trace and determinant at all critical points; value and gradient of the 1×1 problems at random ones; a quarter with μ = 0"
	}
	return m, err
}

// scalarProblem is the example by the library's problems.
func scalarProblem(mu float64) (lr.Problem, error) {
	p, err := problem.Factorisation{A: mat.NewDense(1, 1, []float64{1}), Rank: 1}.New()
	if err != nil || mu == 0 {
		return p, err
	}
	return problem.Balance{Of: p, Mu: mu}.New()
}

// measureRestricted compares the bound with the constants of I + δK, and looks at
// Fig. 2's instance.
func measureRestricted(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(60), func(i int) error {
		rng := lr.Stream(e.Seed, "restricted convexity", uint64(i))
		d1, d2, delta := 3+rng.IntN(6), 3+rng.IntN(6), 0.8*rng.Float64()
		h, err := operator.Perturbed{D1: d1, D2: d2, Delta: delta, Seed: rng.Uint64()}.New()
		if err != nil {
			return err
		}
		r := 1 + rng.IntN(2)
		truth := &lr.Factors{U: lr.NormalMatrix(rng, d1, r), V: lr.NormalMatrix(rng, d2, r)}
		p, err := problem.General{Form: h, Rank: r, Truth: truth}.New()
		if err != nil {
			return err
		}
		b, err := landscape.RestrictedConvexity(ctx, p, &landscape.RestrictedOptions{Starts: 2, Seed: e.Seed})
		if err != nil {
			return err
		}
		attained := (1 + delta) / (1 - delta)
		if b.Ratio > attained*(1+rounding) {
			t.m.Violations++
		}
		t.closest(b.Ratio / attained)
		t.constant = append(t.constant, b.Ratio/attained)
		return nil
	})
	if err != nil {
		return m, err
	}
	fig2, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
	if err != nil {
		return m, err
	}
	b, err := landscape.RestrictedConvexity(ctx, fig2, &landscape.RestrictedOptions{Starts: 1, Sweeps: 1})
	if err != nil {
		return m, err
	}
	if !math.IsInf(b.Ratio, 1) || !b.Counted {
		m.Violations++
	}
	m.Constant = t.median("bound/(β/α) for I + δK")
	m.Note = fmt.Sprintf("inequality: the bound against β/α = (1+δ)/(1−δ) of I + δK; Fig. 2 has %d equations in %d unknowns at rank %d, so α = 0, β/α = ∞ and no theorem",
		b.Equations, b.Unknowns, b.RankD)
	return m, nil
}

// measureBalancedDirection looks at random points of full rank, where only the
// identities are claimed, and at critical points of f with β/α = 3/2.
func measureBalancedDirection(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	saddles := 0
	m, err := t.ensemble(ctx, e.instances(200), func(i int) error {
		rng := lr.Stream(e.Seed, "balanced direction", uint64(i))
		p, err := threeHalves(rng)
		if err != nil {
			return err
		}
		x := normalPoint(rng, p, math.Pow(10, rng.Float64()-0.5))
		if i%2 == 1 {
			at, ok, err := criticalPoint(ctx, p, x)
			if err != nil || !ok {
				return err
			}
			x = at
		}
		c := math.Pow(10, 2*rng.Float64()-1)
		x.U.Scale(c, x.U)
		x.V.Scale(1/c, x.V)
		b, err := landscape.BalancedDirection(ctx, p, x, 0.5)
		if errors.Is(err, lr.ErrRank) { // the other case of the theorem
			return nil
		}
		if err != nil {
			return err
		}
		truth, _ := lr.TruthOf(p)
		if whole := truth.Norm() * truth.Norm(); b.Singular[len(b.Singular)-1] < 1e-6*max(b.Singular[0], whole) {
			return nil // of lower rank, up to the precision of the search
		}
		for _, c := range b.Checks {
			t.add(c)
		}
		if i%2 == 1 && lr.RelErr(x, truth) > 1e-6 {
			saddles++
			if t.add(b.Strict); !(b.Curvature < 0) {
				t.m.Violations++
			}
		}
		return nil
	})
	if err == nil {
		m.Met = t.describeMet()
		m.Note = fmt.Sprintf("residual: of the proof's identities at random and critical points, unbalanced up to 100-fold; %d critical points of full rank away from X* were found with β/α = 3/2, each with a negative direction", saddles)
		if saddles == 0 {
			m.Note = "residual: of the proof's identities at random and critical points, unbalanced up to 100-fold; no critical point of full rank away from X* was found"
		}
	}
	return m, err
}

// measureDeficientDirection looks at points of which one factor or both have lost a
// column, in a random basis.
func measureDeficientDirection(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(500), func(i int) error {
		rng := lr.Stream(e.Seed, "deficient direction", uint64(i))
		d1, d2 := 2+rng.IntN(7), 2+rng.IntN(7)
		r := 1 + rng.IntN(min(d1, d2, 3))
		p, err := problem.GaussianSensing{D1: d1, D2: d2, Rank: r, M: 1 + rng.IntN(2*d1*d2), Scale: problem.ScaleMean, Seed: rng.Uint64()}.New()
		if err != nil {
			return err
		}
		d, err := landscape.DeficientDirection(ctx, p, lowered(normalPoint(rng, p, 1), i%3, rng.IntN(r)))
		if err != nil {
			return err
		}
		for _, c := range []landscape.Check{d.Attained, d.Above, d.Below, d.Strict} {
			t.add(c)
		}
		if d.Sharp.Applies() == landscape.Yes {
			t.add(d.Sharp)
		}
		return nil
	})
	if err == nil {
		m.Met = t.describeMet()
		m.Note = "residual: the curvature of the direction against the bound, and λmin against it where both factors lose b; inequalities: −‖∇f‖₂ ≤ λmin ≤ bound ≤ 0"
	}
	return m, err
}

// lowered takes a column from U, from V, or from both, and mixes what is left by
// an orthogonal matrix that keeps the product.
func lowered(x *lr.Factors, kind, column int) *lr.Factors {
	d1, d2 := x.Dims()
	if kind != 1 {
		for i := range d1 {
			x.U.Set(i, column, 0)
		}
	}
	if kind != 0 {
		for j := range d2 {
			x.V.Set(j, column, 0)
		}
	}
	r := x.Rank()
	mix := mat.NewDense(r, r, nil) // I − 2wwᵀ/‖w‖², w = (1, …, 1)
	for i := range r {
		for k := range r {
			mix.Set(i, k, -2/float64(r))
		}
		mix.Set(i, i, 1-2/float64(r))
	}
	y := lr.NewFactors(d1, d2, r)
	y.U.Mul(x.U, mix)
	y.V.Mul(x.V, mix)
	return y
}
