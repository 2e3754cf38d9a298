package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func completionItems() []Item {
	const unknown = "α² = Θ(μrσ₁*/d), λ = Θ(d/(μrκ*)) with constants for which Lemma 11 is sure; the constant of p is not known"
	return []Item{
		{
			Name: "[G] Lemma 9", Statement: "symmetric completion, p ≥ Ω(μr log d/d), ‖∇f‖ ≤ ε: maxᵢ‖eᵢᵀU‖² ≤ O((μr)^1.5 κ* σ₁*/d)",
			Functions: []string{"landscape.RowBound"}, Tests: []string{"landscape.TestRowBound"},
			Hypotheses: unknown, Measure: measureRowBound,
		}, {
			Name: "[G] Lemma 10", Statement: "same points, p ≥ Ω(μ³r⁴κ*⁴ log d/d): ΔΔᵀ:H:ΔΔᵀ − 3(M−M*):H:(M−M*) ≤ −0.3σᵣ*‖Δ‖²",
			Functions: []string{"landscape.DirectionCurvature"}, Tests: []string{"landscape.TestDirectionCurvatureTwin", "landscape.TestDirectionAllObserved"},
			Hypotheses: unknown, Measure: measureDirection,
		}, {
			Name: "[G] Lemma 11", Statement: "¼[Δ:∇²Q:Δ − 4⟨∇Q,Δ⟩] ≤ K(C)λα²‖Δ‖², K(C) = (6√3−9)(1+1/C)², C = α/maxᵢ‖Uᵢ*‖; so λα² ≤ 0.025σᵣ*/K(C), a quarter of what is printed",
			Functions:  []string{"landscape.WorstRow", "landscape.RowNormCurvature", "problem.LemmaConstant"},
			Tests:      []string{"landscape.TestRowNormCurvatureVectors", "landscape.TestWorstRowClosedForm", "landscape.TestRowNormBoundNeverViolated"},
			Hypotheses: "C ≥ 1: no row of U* is longer than α", Measure: measureRowNorm,
		}, {
			Name: "[G] Thm 12", Statement: "symmetric completion (11), p ≥ Ω(μ³r⁴κ*⁴ log d/d): all local minima give M*; (ε, Ω(σᵣ*), O(ε/σᵣ*))-strict saddle",
			Functions: []string{"landscape.CompletionChain", "landscape.StrictSaddleConstant"}, Tests: []string{"landscape.TestCompletionChain", "landscape.TestStrictSaddleConstant"},
			Hypotheses: unknown, Measure: measureCompletion(true),
		}, {
			Name: "[G] Thm 4", Statement: "asymmetric completion (4), p ≥ Ω(μ⁴r⁶κ*⁶ log d/min(d₁,d₂)): all local minima give M*; (ε, Ω(σᵣ*), O(ε/σᵣ*))-strict saddle",
			Functions: []string{"landscape.CompletionChain", "landscape.StrictSaddleConstant"}, Tests: []string{"landscape.TestCompletionChain", "landscape.TestStrictSaddleConstant"},
			Hypotheses: unknown, Measure: measureCompletion(false),
		},
	}
}

// completionOf is (11), or (4), of a 30×30, or 30×24, matrix of rank 1 to 3, with
// the numbers of its theorem.
func completionOf(seed uint64, symmetric bool) (landscape.CompletionCase, error) {
	c := problem.RandomCompletion{D1: 30, D2: 24, Rank: 1 + int(seed%3), P: 0.7, Kappa: 1, Symmetric: symmetric, Seed: seed}
	if c.Rank > 1 {
		c.Kappa += float64(seed % 2)
	}
	if symmetric {
		c.D2 = 0
	}
	f, err := c.New()
	if err != nil {
		return landscape.CompletionCase{}, err
	}
	mu, err := landscape.Incoherence(f.Truth(), c.Rank)
	if err != nil {
		return landscape.CompletionCase{}, err
	}
	var g lr.Problem = f
	if !symmetric {
		if g, err = balanced(f, nil); err != nil {
			return landscape.CompletionCase{}, err
		}
	}
	q, err := problem.RowNormTheorem{Of: g, Mu: math.Max(1, mu.Mu), Kappa: mu.Sigma[0] / leastSigma(g), Sigma1: mu.Sigma[0]}.Config()
	if err != nil {
		return landscape.CompletionCase{}, err
	}
	p, err := q.New()
	return landscape.CompletionCase{
		Problem: p, P: c.P, Penalty: landscape.RowPenalty{Lambda: q.Lambda, Alpha: q.Alpha, LambdaV: q.LambdaV, AlphaV: q.AlphaV},
	}, err
}

// leastSigma is σᵣ* of a problem whose truth has as many columns.
func leastSigma(p lr.Problem) float64 {
	truth, _ := lr.TruthOf(p)
	c, err := landscape.Incoherence(truth, 0)
	if err != nil {
		return math.NaN() // refused by whoever is given it
	}
	return c.Sigma[len(c.Sigma)-1]
}

// lbfgsEnd runs L-BFGS from x0 to its end, or for so many steps.
func lbfgsEnd(ctx context.Context, p lr.Problem, x0 *lr.Factors, steps int) (*lr.Factors, error) {
	res, err := lr.Solve(ctx, p, solver.LBFGS{}, x0, &lr.Options{MaxIter: steps, Every: 10})
	if err != nil {
		return nil, err
	}
	return res.X, nil
}

// lowRankSaddle is a critical point of rank r−k: columns that are 0 stay 0 under
// descent.
func lowRankSaddle(ctx context.Context, p lr.Problem, seed uint64, k int) (*lr.Factors, error) {
	x := normalPoint(lr.Stream(seed, "low-rank saddle", uint64(k)), p, 0.3)
	for j := range k {
		for i := range x.U.RawMatrix().Rows {
			x.U.Set(i, j, 0)
		}
		if x.V == nil {
			continue
		}
		for i := range x.V.RawMatrix().Rows {
			x.V.Set(i, j, 0)
		}
	}
	if k == x.Rank() {
		return x, nil
	}
	return lbfgsEnd(ctx, p, x, 2000)
}

// lowRankSaddles are those of every rank below r, and 0.
func lowRankSaddles(ctx context.Context, p lr.Problem, seed uint64) ([]*lr.Factors, error) {
	_, _, r := p.Dims()
	var all []*lr.Factors
	for k := range r {
		x, err := lowRankSaddle(ctx, p, seed, k+1)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// measureRowBound looks at low-rank saddles and at the ends of runs.
func measureRowBound(ctx context.Context, e Effort) (Measurement, error) {
	var ratios, ones []float64
	n := e.instances(200)
	for i := range n {
		c, err := completionOf(e.Seed+uint64(i), true)
		if err != nil {
			return Measurement{}, err
		}
		points, err := lowRankSaddles(ctx, c.Problem, e.Seed+uint64(i))
		if err != nil {
			return Measurement{}, err
		}
		end, err := lbfgsEnd(ctx, c.Problem, normalPoint(lr.Stream(e.Seed, "row bound", uint64(i)), c.Problem, 3), 2000)
		if err != nil {
			return Measurement{}, err
		}
		for _, x := range append(points, end) {
			b, err := landscape.RowBound(c, x)
			if err != nil {
				return Measurement{}, err
			}
			if b.MaxRow > 0 {
				ratios, ones = append(ratios, b.Ratio), append(ones, 1)
			}
		}
	}
	fit, err := landscape.FitConstant(ones, ratios)
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(ratios))
	m.Constant = constantOf("maxᵢ‖eᵢᵀU‖²·d/((μr)^1.5κ*σ₁*)", fit)
	m.Met = "‖∇f‖ small at all; the constant of p unknown"
	m.Note = "at minima reached from long rows and at saddles of lower rank; at M* itself it is at most (μr)^−½/κ*"
	return m, nil
}

// measureDirection looks at low-rank saddles, where the gradient is 0 and Δ is
// not.
func measureDirection(ctx context.Context, e Effort) (Measurement, error) {
	var found, ones []float64
	below := 0
	for i := range e.instances(150) {
		for _, symmetric := range []bool{true, false} {
			c, err := completionOf(e.Seed+uint64(i), symmetric)
			if err != nil {
				return Measurement{}, err
			}
			points, err := lowRankSaddles(ctx, c.Problem, e.Seed+uint64(i))
			if err != nil {
				return Measurement{}, err
			}
			for _, x := range points {
				d, err := landscape.DirectionCurvature(c, x)
				if err != nil {
					return Measurement{}, err
				}
				if d.Constant < 0.3 {
					below++
				}
				found, ones = append(found, math.Max(0, d.Constant)), append(ones, 1)
			}
		}
	}
	fit, err := landscape.FitConstant(ones, found)
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(found))
	m.Constant = constantOf("(3E:H:E − D:H:D)/(σᵣ*‖Δ‖²), 0.3 in the lemma", fit)
	m.Met = "‖∇f‖ small at all; the constant of p unknown"
	m.Note = fmt.Sprintf("at saddles of lower rank, symmetric and lifted: %d of %d below 0.3", below, len(found))
	return m, nil
}

// measureRowNorm holds K(C) found against its closed form, and the bound at
// random points and at the maximiser.
func measureRowNorm(ctx context.Context, e Effort) (Measurement, error) {
	n := e.instances(2000)
	m := NewMeasurement(n)
	m.Residual, m.Closest = 0, 0
	for i := range n {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		rng := lr.Stream(e.Seed, "row norm", uint64(i))
		c := math.Pow(10, rng.Float64())
		w, err := landscape.WorstRow(c)
		if err != nil {
			return m, err
		}
		m.Residual = math.Max(m.Residual, math.Abs(w.K-w.Closed)/w.Closed)
		x, truth := longRow(w)
		if i%2 == 1 {
			x, truth = randomRows(rng, c, 1+i%3)
		}
		t, err := landscape.RowNormCurvature(landscape.RowPenalty{Lambda: 1, Alpha: 1}, x, truth)
		if err != nil {
			return m, err
		}
		if !t.Bound.Holds(1e-10) {
			m.Violations++
		}
		m.Closest = math.Max(m.Closest, t.Bound.Left/t.Bound.Right)
	}
	m.Met = fmt.Sprintf("C ≥ 1: all %d", n)
	m.Note = "printed: −0.3 of Lemma 10 and 4·0.1 leave +0.1 > 0; with 0.025 it is −0.2"
	return m, nil
}

// longRow is a point that attains the bound: the worst row, and as many rows of
// U* as it takes for R to be the identity.
func longRow(w *landscape.RowCurvature) (x, truth *lr.Factors) {
	rows := 2 + int(w.Row[0]*w.C)
	x, truth = lr.NewSymmetric(1+rows, 1), lr.NewSymmetric(1+rows, 1)
	for i := range rows {
		x.U.Set(1+i, 0, 1/w.C)
		truth.U.Set(1+i, 0, 1/w.C)
	}
	x.U.Set(0, 0, w.Row[0])
	truth.U.Set(0, 0, w.Target[0])
	return x, truth
}

// randomRows are a point and a truth whose longest row is 1/c.
func randomRows(rng *rand.Rand, c float64, r int) (x, truth *lr.Factors) {
	const d = 4
	x, truth = &lr.Factors{U: lr.NormalMatrix(rng, d, r)}, &lr.Factors{U: lr.NormalMatrix(rng, d, r)}
	x.Scale(3 * rng.Float64())
	longest := 0.0
	for k := range d {
		longest = math.Max(longest, mat.Norm(truth.U.RowView(k), 2))
	}
	truth.Scale(1 / (c * longest))
	return x, truth
}

// measureCompletion fits the constant of the strict saddle property at random
// points, low-rank saddles and points beside a minimum, and counts the runs that
// end at M*.
func measureCompletion(symmetric bool) func(context.Context, Effort) (Measurement, error) {
	return func(ctx context.Context, e Effort) (Measurement, error) {
		n := e.instances(40)
		m := NewMeasurement(n)
		m.Residual = 0
		var constants, ones []float64
		ends, applied := 0, 0
		for i := range n {
			c, err := completionOf(e.Seed+uint64(i), symmetric)
			if err != nil {
				return m, err
			}
			points, found, err := completionPoints(ctx, c.Problem, e.Seed+uint64(i))
			if err != nil {
				return m, err
			}
			if found {
				ends++
			}
			var numbers []landscape.SaddleNumbers
			for _, x := range points {
				t, err := landscape.CompletionChain(c, x)
				if err != nil {
					return m, err
				}
				m.Residual = math.Max(m.Residual, t.Identity.Residual())
				if t.End.Applies() == landscape.Yes {
					applied++
					if !t.End.Holds(1e-10) {
						m.Violations++
					}
				}
				at, err := certified(ctx, c.Problem, x, t.Point)
				if err != nil {
					return m, err
				}
				numbers = append(numbers, at)
			}
			s, err := landscape.StrictSaddleConstant(leastSigma(c.Problem), 1, numbers)
			if err != nil {
				return m, err
			}
			constants, ones = append(constants, math.Max(0, s.C)), append(ones, 1)
		}
		fit, err := landscape.FitConstant(ones, constants)
		if err != nil {
			return m, err
		}
		m.Constant = constantOf("c of λmin ≤ −cσᵣ* or ‖Δ‖ ≤ ε/(cσᵣ*)", fit)
		p, err := landscape.NewProportion(ends, n, 0)
		m.Proportion = &p
		m.Met = fmt.Sprintf("Lemmas 10 and 11 as numbers: at %d points; the constant of p unknown", applied)
		m.Note = "the chain's terms, and runs from random starts that end at M*"
		return m, err
	}
}

// completionPoints are points of all kinds, and whether a run from a random start
// ended at M*.
func completionPoints(ctx context.Context, p lr.Problem, seed uint64) (points []*lr.Factors, found bool, err error) {
	if points, err = lowRankSaddles(ctx, p, seed); err != nil {
		return nil, false, err
	}
	for k, size := range []float64{0.01, 0.1, 0.3, 1} {
		points = append(points, normalPoint(lr.Stream(seed, "completion point", uint64(k)), p, size))
	}
	end, err := lbfgsEnd(ctx, p, points[len(points)-2], 2000)
	if err != nil {
		return nil, false, err
	}
	truth, _ := lr.TruthOf(p)
	found = lr.RelErr(end, truth) < 1e-6
	for k, size := range []float64{1e-4, 1e-2} {
		beside := end.Clone()
		beside.AddScaled(size, normalPoint(lr.Stream(seed, "beside", uint64(k)), p, 1))
		points = append(points, beside)
	}
	return points, found, nil
}

// certified puts the smallest eigenvalue that Certify finds in place of the
// curvature along Δ, when it is lower.
func certified(ctx context.Context, p lr.Problem, x *lr.Factors, s landscape.SaddleNumbers) (landscape.SaddleNumbers, error) {
	c, err := landscape.Certify(ctx, p, x, nil)
	if err != nil {
		return s, err
	}
	s.Curvature = math.Min(s.Curvature, c.Curvature.Value)
	return s, nil
}
