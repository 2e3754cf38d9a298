package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// robustCase is a small instance with κ* of 1 or 2.
func robustCase(seed uint64, symmetric bool) (lr.Problem, *problem.Split, error) {
	c := problem.RandomRobustPCA{D1: 20, D2: 20, Rank: 1 + int(seed%2), Kappa: 1, Alpha: 0.05, Gamma: 2, Symmetric: symmetric, Seed: seed}
	if c.Rank > 1 {
		c.Kappa += float64(seed / 2 % 2)
	}
	return robustOf(c)
}

// measureSparseDistance looks at points around the truth and anywhere.
func measureSparseDistance(ctx context.Context, e Effort) (Measurement, error) {
	var ratios, ones []float64
	low, high := math.Inf(1), 0.0
	for i := range e.instances(300) {
		seed := e.Seed + uint64(i)
		p, s, err := robustCase(seed, i%3 != 0)
		if err != nil {
			return Measurement{}, err
		}
		for k, size := range []float64{1e-4, 1e-2, 0.1, 0.3} {
			if err := ctx.Err(); err != nil {
				return Measurement{}, err
			}
			// The truth, balanced or not, is the solution next to itself.
			near, err := landscape.Align(s.Truth(), s.Truth())
			if err != nil {
				return Measurement{}, err
			}
			x := near.Nearest.Clone()
			x.AddScaled(size, normalPoint(lr.Stream(seed, "around", uint64(k)), p, 1))
			n, err := landscape.SparseDistance(p, x)
			if err != nil {
				return Measurement{}, err
			}
			ratios, ones = append(ratios, n.Ratio), append(ones, 1)
			low, high = math.Min(low, n.Budget), math.Max(high, n.Budget)
		}
	}
	fit, err := landscape.FitConstant(ones, ratios)
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(ratios))
	m.Constant = constantOf("‖Δ‖F/(√κ*·min_R‖U − U†R‖F)", fit)
	m.Met = fmt.Sprintf("γ = 2; γα·μr·κ*⁵ from %.3g to %.3g; S exact: all", low, high)
	m.Note = "points 1e-4 to 0.3 from the truth in each entry, symmetric and asymmetric"
	return m, nil
}

// measureRobust fits the constant of the pseudo strict saddle property at random
// points, at 0 and beside the truth, and counts the runs that end at M*.
func measureRobust(symmetric bool) func(context.Context, Effort) (Measurement, error) {
	return func(ctx context.Context, e Effort) (Measurement, error) {
		n := e.instances(100)
		m := NewMeasurement(n)
		m.Residual = 0
		var constants, ones []float64
		ends := 0
		for i := range n {
			seed := e.Seed + uint64(i)
			p, s, err := robustCase(seed, symmetric)
			if err != nil {
				return m, err
			}
			points, found, err := robustPoints(ctx, p, s, seed)
			if err != nil {
				return m, err
			}
			if found {
				ends++
			}
			c, err := robustConstant(ctx, p, points, &m)
			if err != nil {
				return m, err
			}
			constants, ones = append(constants, math.Max(0, c)), append(ones, 1)
		}
		fit, err := landscape.FitConstant(ones, constants)
		if err != nil {
			return m, err
		}
		m.Constant = constantOf("c of λmin(∇²g_x) ≤ −cσᵣ* or ‖Δ‖ ≤ ε√κ*/(cσᵣ*)", fit)
		p, err := landscape.NewProportion(ends, n, 0)
		m.Proportion = &p
		m.Met = "γ = 2, α = 0.05, S exact; c unknown"
		m.Note = "the chain's terms, and runs from random starts that end at M*"
		return m, err
	}
}

// robustPoints are points of all kinds, and whether a run from one of them ended
// at M*.
func robustPoints(ctx context.Context, p lr.Problem, s *problem.Split, seed uint64) (points []*lr.Factors, found bool, err error) {
	points = append(points, lr.NewPoint(p))
	for k, size := range []float64{0.01, 0.1, 0.3, 1} {
		points = append(points, normalPoint(lr.Stream(seed, "robust point", uint64(k)), p, size))
	}
	end, err := lbfgsEnd(ctx, p, points[3], 1000)
	if err != nil {
		return nil, false, err
	}
	beside := end.Clone()
	beside.AddScaled(1e-3, normalPoint(lr.Stream(seed, "beside"), p, 1))
	return append(points, beside), lr.RelErr(end, s.Truth()) < 1e-6, nil
}

// robustConstant holds the chain at the points and fits the constant.
func robustConstant(ctx context.Context, p lr.Problem, points []*lr.Factors, m *Measurement) (float64, error) {
	var numbers []landscape.SaddleNumbers
	kappa := 1.0
	for _, x := range points {
		t, err := landscape.RobustChain(p, x)
		if err != nil {
			return 0, err
		}
		m.Residual = math.Max(m.Residual, t.Identity.Residual())
		if !t.End.Holds(1e-10) {
			m.Violations++
		}
		at, err := certified(ctx, p, x, t.Point)
		if err != nil {
			return 0, err
		}
		numbers, kappa = append(numbers, at), t.Near.Kappa
	}
	s, err := landscape.StrictSaddleConstant(leastSigma(p), math.Sqrt(kappa), numbers)
	if err != nil {
		return 0, err
	}
	return s.C, nil
}

// measureBudget runs (12) over a grid of α and κ*, and finds up to which
// γα·μr·κ*⁵ all of them recover M*.
func measureBudget(ctx context.Context, e Effort) (Measurement, error) {
	type outcome struct {
		budget    float64
		recovered bool
	}
	var all []outcome
	good := 0
	alphas, kappas := []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3}, []float64{1, 1.5, 2, 3}
	for i := range e.instances(10) {
		for k := range len(alphas) * len(kappas) {
			seed := e.Seed + uint64(i)
			p, s, err := robustOf(problem.RandomRobustPCA{
				D1: 20, Rank: 2, Kappa: kappas[k%len(kappas)], Alpha: alphas[k/len(kappas)], Gamma: 1.5, Symmetric: true, Seed: seed,
			})
			if err != nil {
				return Measurement{}, err
			}
			n, err := landscape.SparseDistance(p, s.Truth())
			if err != nil {
				return Measurement{}, err
			}
			x, err := lbfgsEnd(ctx, p, normalPoint(lr.Stream(seed, "budget"), p, 0.3), 1000)
			if err != nil {
				return Measurement{}, err
			}
			one := outcome{n.Budget, lr.RelErr(x, s.Truth()) < 1e-5}
			if all = append(all, one); one.recovered {
				good++
			}
		}
	}
	failed, most := math.Inf(1), 0.0
	for _, o := range all {
		if !o.recovered {
			failed = math.Min(failed, o.budget)
		} else {
			most = math.Max(most, o.budget)
		}
	}
	safe := 0.0
	for _, o := range all {
		if o.recovered && o.budget < failed*(1-1e-9) {
			safe = math.Max(safe, o.budget)
		}
	}
	m := NewMeasurement(len(all))
	p, err := landscape.NewProportion(good, len(all), 0)
	m.Proportion = &p
	m.Constant = &Constant{Name: "γα·μr·κ*⁵ up to which all runs gave M*", Value: safe, Low: safe, High: most}
	m.Met = "α 0.05 to 0.3, κ* 1 to 3, r = 2, S exact"
	m.Note = fmt.Sprintf("least value at which a run failed %.3g, largest at which one succeeded %.3g: the fifth power of κ* is not what decides", failed, most)
	return m, err
}
