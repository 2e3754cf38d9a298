package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// sensingItems are those of [G] about restricted isometries.
func sensingItems() []Item {
	return []Item{
		{
			Name:      "[G] Def 3",
			Statement: "(r, δ)-RIP: (1−δ)‖M‖² ≤ (1/m)Σ⟨Aᵢ,M⟩² ≤ (1+δ)‖M‖² for rank ≤ r. To certify it is NP-hard: a search gives a lower bound of δ",
			Functions: []string{"landscape.RIPLowerBound", "landscape.FormRIPLowerBound", "operator.Perturbed"},
			Tests:     []string{"landscape.TestRIPLowerBoundVectors", "landscape.TestRIPPerturbed", "landscape.TestRIPNaive", "landscape.TestRIPMonotone"},
			Measure:   measureIsometry,
		}, {
			Name:      "Remark: Gaussian measurements and RIP",
			Statement: "[G] §4.1: Gaussian measurements have RIP for m large enough; how large, the theorems do not say. Thm 8 at rank 1 wants δ ≤ 1/10 at rank 2",
			Functions: []string{"landscape.RIPLowerBound", "operator.NewGaussian"},
			Tests:     []string{"landscape.TestRIPLowerBoundVectors", "theory.TestGaussianIsometry"},
			Measure:   measureGaussianIsometry,
		}, {
			Name:       "[G] Thm 8",
			Statement:  "symmetric sensing, (2r, 1/10)-RIP: Δ:∇²f:Δ ≤ −(1−5δ)‖E‖² + 4ε‖Δ‖ ≤ −0.4σᵣ*‖Δ‖² + 4ε‖Δ‖, so all local minima are global and f is (ε, 0.2σᵣ*, 20ε/σᵣ*)-strict saddle",
			Functions:  []string{"landscape.SensingChain", "landscape.IsometryChain.StrictSaddle"},
			Tests:      []string{"landscape.TestSensingChainVectors", "landscape.TestSensingChainHolds", "landscape.TestSensingChainAdversary", "landscape.TestSensingChainBreaks"},
			Hypotheses: "H = (1/m)𝒜*𝒜 has the (2r, 1/10)-RIP; here H = I + δK with δ = 1/10 exactly",
			Measure:    measureChain(true),
		}, {
			Name:       "[G] Thm 3",
			Statement:  "asymmetric sensing (3), (2r, 1/20)-RIP: Δ:∇²f:Δ ≤ −¼(1−10δ)‖N−N*‖² + 4ε‖Δ‖ ≤ −0.2σᵣ*‖Δ‖² + 4ε‖Δ‖, so all local minima are global and f is (ε, 0.1σᵣ*, 40ε/σᵣ*)-strict saddle",
			Functions:  []string{"landscape.BalancedSensingChain", "landscape.IsometryChain.StrictSaddle"},
			Tests:      []string{"landscape.TestBalancedSensingChainVectors", "landscape.TestSensingChainHolds", "landscape.TestSensingChainAdversary", "landscape.TestSensingChainObjective"},
			Hypotheses: "H₀ = (1/m)𝒜*𝒜 has the (2r, 1/20)-RIP; here H₀ = I + δK with δ = 1/20 exactly",
			Measure:    measureChain(false),
		}, {
			Name:       "Remark: the proof of Thm 8 in three numbers",
			Statement:  "[G] §4: (D:H:D − 3E:H:E)/‖E‖², the same by ‖Δ‖², and what gradient and Q add by ‖Δ‖²; the first is at most −(1−5δ)",
			Functions:  []string{"landscape.CurvatureIdentity", "landscape.CurvatureTerms.Steps"},
			Tests:      []string{"landscape.TestCurvatureIdentityProperty", "landscape.TestCurvatureSimplest"},
			Hypotheses: "H = I + δK, δ = 1/10",
			Measure:    measureSteps,
		}, {
			Name:      "RIP ½: its constant",
			Statement: "the family around ½ has δ = (2+ε)/(4+ε) for ε ≥ 0, and ½ for ε < 0, on symmetric matrices of rank 2 after the best rescaling: the search finds it",
			Functions: []string{"operator.Counterexample", "landscape.RIPLowerBound", "landscape.SensingChain"},
			Tests:     []string{"landscape.TestRIPCounterexample", "landscape.TestSensingChainBreaks"},
			Measure:   measureHalfIsometry,
		},
	}
}

// measureIsometry searches forms of known δ, at all ranks; without a restriction
// of rank, the δ is found.
func measureIsometry(ctx context.Context, e Effort) (Measurement, error) {
	t, restricted := newTally(), 0.0
	m, err := t.ensemble(ctx, e.instances(30), func(i int) error {
		rng := lr.Stream(e.Seed, "isometry", uint64(i))
		d1, d2 := 3+i%4, 3+i%3
		delta := 0.05 + 0.9*rng.Float64()
		h, err := operator.Perturbed{D1: d1, D2: d2, Delta: delta, Seed: rng.Uint64()}.New()
		if err != nil {
			return err
		}
		full := min(d1, d2)
		for r := 1; r <= full; r++ {
			b, err := landscape.FormRIPLowerBound(ctx, h, r, &landscape.RIPOptions{Seed: e.Seed, Starts: 10})
			if err != nil {
				return err
			}
			if b.Delta > delta*(1+rounding) {
				t.m.Violations++
			}
			t.closest(b.Delta / delta)
			if r < full {
				restricted = math.Max(restricted, b.Delta/delta)
			}
		}
		return nil
	})
	m.Note = fmt.Sprintf("lower bounds over the δ of I + δK, at every rank; with the rank restricted, up to %.4f", restricted)
	return m, err
}

// measureGaussianIsometry shows how large Gaussian ensembles must be.
func measureGaussianIsometry(ctx context.Context, e Effort) (Measurement, error) {
	measurements := 20000
	if e.Quick {
		measurements = 2000
	}
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(3), func(i int) error {
		op, err := operator.NewGaussian(10, 10, measurements, e.Seed+uint64(i))
		if err != nil {
			return err
		}
		b, err := landscape.RIPLowerBound(ctx, op, 2, &landscape.RIPOptions{Seed: e.Seed})
		if err != nil {
			return err
		}
		t.constant = append(t.constant, b.Delta)
		return nil
	})
	if err == nil {
		m.Constant = t.median(fmt.Sprintf("lower bound of δ at rank 2, 10×10, m = %s", grouped(measurements)))
	}
	return m, err
}

// isometryAtLimit is the problem of Theorem 8, or of Theorem 3, with δ exactly at
// its limit.
func isometryAtLimit(rng *rand.Rand, symmetric bool) (p lr.Problem, delta float64, err error) {
	d1, d2 := 2+rng.IntN(8), 2+rng.IntN(8)
	delta = 0.05
	if symmetric {
		d2, delta = d1, 0.1
	}
	r := 1 + rng.IntN(min(d1, d2))
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: delta, Seed: rng.Uint64(), Symmetric: symmetric && rng.IntN(2) == 0}.New()
	if err != nil {
		return nil, 0, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
	if !symmetric {
		truth.V = lr.NormalMatrix(rng, d2, r)
	}
	p, err = problem.General{Form: h, Truth: truth, Rank: r, Symmetric: symmetric}.New()
	if !symmetric {
		p, err = balanced(p, err)
	}
	return p, delta, err
}

// limitPoint is random, of another size, near the truth, of lower rank, or where
// gradient descent is on its way.
func limitPoint(rng *rand.Rand, p lr.Problem, kind int) *lr.Factors {
	x := normalPoint(rng, p, 1)
	truth, _ := lr.TruthOf(p)
	switch kind % 5 {
	case 1:
		x.Scale(math.Pow(10, 4*rng.Float64()-3))
	case 2:
		x.Scale(math.Pow(10, -4*rng.Float64()))
		x.AddScaled(1, truth)
	case 3:
		for i := range x.U.RawMatrix().Rows {
			x.U.Set(i, 0, 0)
		}
	case 4:
		stepsDown(p, x, 30)
	}
	return x
}

// stepsDown takes steps of gradient descent, halved until they lead down.
func stepsDown(p lr.Problem, x *lr.Factors, steps int) {
	e, g := p.NewEval(), lr.NewPoint(p)
	next, length := lr.NewPoint(p), 0.1
	for range steps {
		value := e.Grad(g, x)
		next.CopyFrom(x)
		next.AddScaled(-length, g)
		if e.Grad(nil, next) < value {
			x.CopyFrom(next)
			length *= 1.5
		} else {
			length /= 4
		}
	}
}

// measureChain holds every link of the proof at points over forms with δ at the
// limit, and the three cases of Def 2 at each.
func measureChain(symmetric bool) func(context.Context, Effort) (Measurement, error) {
	chain := landscape.BalancedSensingChain
	if symmetric {
		chain = landscape.SensingChain
	}
	return func(ctx context.Context, e Effort) (Measurement, error) {
		t, near, negative := newTally(), 0, 0
		m, err := t.ensemble(ctx, e.instances(5000), func(i int) error {
			rng := lr.Stream(e.Seed, "chain", uint64(i))
			p, delta, err := isometryAtLimit(rng, symmetric)
			if err != nil {
				return err
			}
			c, err := chain(p, limitPoint(rng, p, i), delta)
			if err != nil {
				return err
			}
			t.met[c.Theorem.Applies()]++
			for _, l := range append(c.Links, c.Theorem) {
				t.inequality(l)
			}
			s := c.StrictSaddle(c.GradNorm*(1+rounding) + math.SmallestNonzeroFloat64)
			switch {
			case s.Near:
				near++
			case s.NegativeCurvature:
				negative++
			default:
				t.m.Violations++
			}
			return nil
		})
		m.Met = t.describeMet()
		m.Note = fmt.Sprintf("5 links a point; for ε just above each point's own gradient, %s are near and %s have negative curvature", grouped(near), grouped(negative))
		return m, err
	}
}

func measureSteps(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(2000), func(i int) error {
		rng := lr.Stream(e.Seed, "steps", uint64(i))
		p, delta, err := isometryAtLimit(rng, true)
		if err != nil {
			return err
		}
		c, err := landscape.CurvatureIdentity(p, limitPoint(rng, p, i), nil)
		if err != nil {
			return err
		}
		steps := c.Steps()
		t.inequality(landscape.Check{Left: steps.AgainstError, Right: -(1 - 5*delta), Relation: landscape.AtMost, Scale: 1})
		t.constant = append(t.constant, steps.AgainstError)
		return nil
	})
	if err == nil {
		m.Constant = t.median("(D:H:D − 3E:H:E)/‖E‖², at most −0.5")
	}
	return m, err
}

// measureHalfIsometry compares what the search finds with the δ of the family.
func measureHalfIsometry(ctx context.Context, e Effort) (Measurement, error) {
	t, least := newTally(), math.Inf(1)
	m, err := t.ensemble(ctx, e.instances(20), func(i int) error {
		eps := -0.5 + 0.1*float64(i%20)
		in, err := operator.Counterexample{Epsilon: eps, D: 2 + i%3, Rotate: true, Seed: e.Seed + uint64(i)}.New()
		if err != nil {
			return err
		}
		b, err := landscape.RIPLowerBound(ctx, in.Operator, 2, &landscape.RIPOptions{Symmetric: true, Scale: in.Scale, Seed: e.Seed})
		if err != nil {
			return err
		}
		if b.Rescaled > in.Delta*(1+rounding) {
			t.m.Violations++
		}
		t.closest(b.Rescaled / in.Delta)
		least = math.Min(least, b.Rescaled/in.Delta)
		return nil
	})
	m.Note = fmt.Sprintf("lower bounds over the exact δ, ε from −0.5 to 1.4; the least ratio is %.6f", least)
	return m, err
}
