package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

func robustItems() []Item {
	const unknown = "γ > c and γα·μr·κ*⁵ ≤ 1/c, c not known; S the exact minimiser"
	return []Item{
		{
			Name: "[G] Def 5", Statement: "pseudo strict saddle: g_x(y) ≥ f(y) for all y, g_x(x) = f(x), λmin(∇²g_x(x)) ≤ −γ, for robust PCA with g_x of S frozen at x",
			Functions: []string{"landscape.PseudoStrictSaddle", "problem.Split.Majoriser", "problem.Regularised.Majoriser"},
			Tests:     []string{"landscape.TestPseudoStrictSaddle", "problem.TestMajoriserIsAbove", "problem.TestMajoriserWrapped"},
			Measure:   measureMajoriser,
		}, {
			Name: "[G] §3.3 S_α", Statement: "S_γα: at most a γα-share of nonzeros in each row and column, |S_ij| ≤ 2μrσ₁*/√(d₁d₂); projecting is a matching of maximum weight, which the maximum flow of the paper is not",
			Functions: []string{"sparse.Project", "sparse.CapOf", "lowrankgo.SparseSet"},
			Tests:     []string{"sparse.ExampleProject_maximumFlow", "theory.TestFlowShare"},
			Measure:   measureFlow,
		}, {
			Name: "Remark: gross outliers are truncated", Statement: "[G] §3.3: entries of M_o beyond μrσ₁*/√(d₁d₂) are outliers and can be truncated there, so that S* obeys its bound; without it one beyond the cap bends M",
			Functions: []string{"sparse.Truncate", "sparse.CapOf"},
			Tests:     []string{"sparse.TestTruncate", "theory.TestTruncation"},
			Measure:   measureTruncation,
		}, {
			Name: "[G] Lemma 14", Statement: "U†U†ᵀ = P_r(M* + S* − S), min_R‖U − U†R‖ ≤ ε ⇒ ‖Δ‖ ≤ O(ε√κ*)",
			Functions: []string{"landscape.SparseDistance"}, Tests: []string{"landscape.TestSparseDistanceVectors", "landscape.TestSparseDistanceTwin"},
			Hypotheses: unknown, Measure: measureSparseDistance,
		}, {
			Name: "[G] Thm 15", Statement: "symmetric robust PCA (12): local minima give M*; (ε, Ω(σᵣ*), O(ε√κ*/σᵣ*))-pseudo strict saddle",
			Functions: []string{"landscape.RobustChain", "landscape.StrictSaddleConstant"}, Tests: []string{"landscape.TestRobustChain", "landscape.TestRobustEndNeverViolated"},
			Hypotheses: unknown, Measure: measureRobust(true),
		}, {
			Name: "[G] Thm 5", Statement: "asymmetric robust PCA (6): local minima give M*; (ε, Ω(σᵣ*), O(ε√κ*/σᵣ*))-pseudo strict saddle",
			Functions: []string{"landscape.RobustChain", "landscape.StrictSaddleConstant"}, Tests: []string{"landscape.TestRobustChain", "landscape.TestRobustEndNeverViolated"},
			Hypotheses: unknown, Measure: measureRobust(false),
		}, {
			Name: "[G] Lemma 14, Thms 15 and 5: budget", Statement: "the condition γα·μr·κ*⁵ ≤ 1/c, with 1/c as found: up to which value all runs recover M*",
			Functions: []string{"landscape.SparseDistance"}, Tests: []string{"theory.TestBudget"},
			Hypotheses: "γ = 1.5", Measure: measureBudget,
		},
	}
}

// robustOf is (12), or (6), with exact projections onto the set of [G] §3.3:
// entries of S are at most 2μrσ₁*/√(d1·d2), for the μ of its own truth, and those
// of S* are 0.8 of it.
func robustOf(c problem.RandomRobustPCA) (lr.Problem, *problem.Split, error) {
	plain, err := c.New()
	if err != nil {
		return nil, nil, err
	}
	mu, err := landscape.Incoherence(plain.Truth(), 0)
	if err != nil {
		return nil, nil, err
	}
	d1, d2, _ := plain.Dims()
	if c.Cap, err = sparse.CapOf(mu.Mu, mu.Rank, mu.Sigma[0], d1, d2); err != nil {
		return nil, nil, err
	}
	c.OutlierSize, c.Projection = 0.8*c.Cap, sparse.Exact
	s, err := c.New()
	if err != nil || c.Symmetric {
		return s, s, err
	}
	p, err := problem.Balance{Of: s, Mu: 0.5}.New()
	return p, s, err
}

func measureMajoriser(ctx context.Context, e Effort) (Measurement, error) {
	n := e.instances(600)
	m := NewMeasurement(n)
	m.Residual = 0
	saddles, probes := 0, 0
	for i := range n {
		seed := e.Seed + uint64(i)
		p, _, err := robustOf(problem.RandomRobustPCA{D1: 12, D2: 12, Rank: 1 + i%3, Alpha: 0.1, Gamma: 1.7, Symmetric: i%2 == 0, Seed: seed})
		if err != nil {
			return m, err
		}
		x := normalPoint(lr.Stream(seed, "majorised"), p, float64(i%4)/2) // 0 among them
		s, err := landscape.PseudoStrictSaddle(ctx, p, x, nil, &landscape.Options{Seed: seed})
		if err != nil {
			return m, err
		}
		m.Residual = math.Max(m.Residual, math.Max(s.Equal.Residual(), s.Gradient.Residual()))
		if !s.Above.Holds(1e-10) {
			m.Violations++
		}
		probes += s.Probes
		if s.Certificate.Curvature.Value < 0 {
			saddles++
		}
	}
	m.Met = fmt.Sprintf("λmin(∇²g_x(x)) < 0 at %d of %d points", saddles, n)
	m.Note = fmt.Sprintf("g_x ≥ f at %d probes; value and gradient equal at x", probes)
	return m, nil
}

// measureFlow compares the gain of a maximum flow with the best.
func measureFlow(ctx context.Context, e Effort) (Measurement, error) {
	n := e.instances(1000)
	m := NewMeasurement(n)
	var shares, ones []float64
	for i := range n {
		share, err := flowShare(ctx, e.Seed+uint64(i))
		if err != nil {
			return m, err
		}
		if share > 1+1e-12 {
			m.Violations++ // the exact projection would not be the best
		}
		shares, ones = append(shares, share), append(ones, 1)
	}
	fit, err := landscape.FitConstant(ones, shares)
	m.Constant = constantOf("gain of a maximum flow, as a part of the best", fit)
	m.Note = "normal 12×12 matrices, one entry in each line"
	return m, err
}

// measureTruncation gives outliers a thousand times their size, and solves with
// the data as they are and truncated.
func measureTruncation(ctx context.Context, e Effort) (Measurement, error) {
	n := e.instances(10)
	m := NewMeasurement(n)
	var raw, ones []float64
	recovered := 0
	for i := range n {
		t, err := truncated(ctx, e.Seed+uint64(i))
		if err != nil {
			return m, err
		}
		m.Violations += t.outside
		raw, ones = append(raw, t.raw), append(ones, 1)
		if t.cut < 1e-6 {
			recovered++
		}
	}
	p, err := landscape.NewProportion(recovered, n, 0)
	if err != nil {
		return m, err
	}
	m.Proportion = &p
	r, err := landscape.FitConstant(ones, raw)
	m.Met = "violations would be entries of the truncated S* beyond the cap"
	m.Note = fmt.Sprintf("M* from truncated data; from the data as they are M is off by %.2g‖M*‖ (median)", r.Median)
	return m, err
}
