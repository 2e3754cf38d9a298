package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

func remarkItems() []Item {
	return []Item{
		{
			Name:      "Remark: noise is a Q",
			Statement: "[G] §4: measurements b = 𝒜(M*) + n are the noise-free objective with Q = −⟨N, M⟩ + const, N = 𝒜*(wn)",
			Functions: []string{"problem.LinearNoise", "problem.Linear"},
			Tests:     []string{"problem.TestNoiseAsLinear", "problem.TestNoiseVectors"},
			Measure:   measureNoise,
		}, {
			Name:      "Remark: robust PCA is not separable",
			Statement: "the caps of S_γα on rows span the blocks of columns: with caps of their own for each block it is another problem, whose value is never below",
			Functions: []string{"problem.BlockRobustPCA", "problem.RobustPCA"},
			Tests:     []string{"problem.TestBlocksAreAnotherProblem"},
			Measure:   measureBlocks,
		}, {
			Name:      "Remark: too large a rank",
			Statement: "with more columns than M* has ranks the objective still has its minimum 0 at M*: factors of rank r* + 2 find it, at a slower rate",
			Functions: []string{"problem.GaussianSensing", "landscape.Sweep"},
			Tests:     []string{"theory.TestRanks"},
			Measure:   measureOverRank,
		}, {
			Name:      "Remark: too small a rank",
			Statement: "with fewer columns than M* has ranks M* is out of reach: the end points are far from it, at a positive value",
			Functions: []string{"problem.GaussianSensing", "landscape.Sweep"},
			Tests:     []string{"theory.TestRanks"},
			Measure:   measureUnderRank,
		}, {
			Name:      "Remark: a fixed number of entries",
			Statement: "1.5·r(d1+d2−r) entries of a 1000×1000 matrix of rank 5, drawn uniformly, leave some rows or columns with fewer than 5, which no method can recover; peers draw again until none is short, theorems are for Bernoulli(p)",
			Functions: []string{"operator.FixedCount", "operator.NewBernoulliMask", "problem.RandomCompletion"},
			Tests:     []string{"problem.TestFixedCount", "theory.TestShortLines"},
			Measure:   measureShort,
		}, {
			Name:      "RIP ½",
			Statement: "a symmetric sensing instance of rank 1 with δ = (2+ε)/(4+ε) just above ½ and a point with f = 3/2, ∇f = 0 and Hessian eigenvalues 2ε and 8: for ε > 0 a spurious minimum",
			Functions: []string{"problem.Counterexample", "operator.Counterexample"},
			Tests:     []string{"problem.TestCounterexample", "landscape.TestCounterexampleMinimum"},
			Measure:   measureHalf,
		},
	}
}

// measureNoise compares value, gradient and Hessian products of both forms.
func measureNoise(ctx context.Context, e Effort) (Measurement, error) {
	m := NewMeasurement(e.instances(50))
	m.Residual = 0
	for i := range m.Instances {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		clean, err := problem.GaussianSensing{D1: 7, D2: 6, Rank: 2, M: 50, Seed: e.Seed + uint64(i)}.New()
		if err != nil {
			return m, err
		}
		rng := lr.Stream(e.Seed, "noise", uint64(i))
		noise, b := lr.NormalMatrix(rng, 1, 50).RawMatrix().Data, make([]float64, 50)
		for k, n := range noise {
			b[k] = clean.Measurements()[k] + n
		}
		noisy, err := problem.Sensing{Operator: clean.Operator(), B: b, Rank: 2}.New()
		if err != nil {
			return m, err
		}
		as, err := problem.LinearNoise{Of: clean, Noise: noise}.New()
		if err != nil {
			return m, err
		}
		x, d := normalPoint(rng, clean, 1), normalPoint(rng, clean, 1)
		m.Residual = math.Max(m.Residual, apart(noisy, as, x, d))
	}
	return m, nil
}

// apart is the largest relative difference of value, gradient and Hessian
// product of two problems that both have all of them.
func apart(p, q lr.Problem, x, d *lr.Factors) float64 {
	a, _ := lr.HessVecOf(p)
	b, _ := lr.HessVecOf(q)
	ga, gb, ha, hb := lr.NewPoint(p), lr.NewPoint(p), lr.NewPoint(p), lr.NewPoint(p)
	va, vb := a.Grad(ga, x), b.Grad(gb, x)
	a.HessVec(ha, x, d)
	b.HessVec(hb, x, d)
	size := math.Max(ga.Norm(), ha.Norm())
	gb.AddScaled(-1, ga)
	hb.AddScaled(-1, ha)
	return math.Max(math.Abs(va-vb)/math.Abs(va), math.Max(gb.Norm(), hb.Norm())/size)
}

// measureBlocks compares the value of the whole with that of the blocks, both
// with the best S, at random points.
func measureBlocks(ctx context.Context, e Effort) (Measurement, error) {
	m := NewMeasurement(e.instances(100))
	m.Closest = 0
	equal := 0
	for i := range m.Instances {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		data := lr.NormalMatrix(lr.Stream(e.Seed, "blocks", uint64(i)), 10, 12)
		whole, err := problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.25, Projection: sparse.Exact}.New()
		if err != nil {
			return m, err
		}
		blocks, err := problem.BlockRobustPCA{Data: data, Widths: []int{4, 8}, Rank: 2, Alpha: 0.25, Projection: sparse.Exact}.New()
		if err != nil {
			return m, err
		}
		x := normalPoint(lr.Stream(e.Seed, "blocks point", uint64(i)), whole, 0.5)
		ratio := whole.NewEval().Grad(nil, x) / blocks.NewEval().Grad(nil, x)
		if ratio > 1+1e-9 {
			m.Violations++
		}
		if ratio > 1-1e-9 {
			equal++
		}
		m.Closest = math.Max(m.Closest, ratio)
	}
	m.Note = fmt.Sprintf("equal in %d", equal)
	return m, nil
}

// ranked is sensing of a matrix of rank 2 by factors of another rank.
func ranked(rank int) func(seed uint64) (lr.Problem, error) {
	return func(seed uint64) (lr.Problem, error) {
		return problem.GaussianSensing{D1: 12, D2: 10, Rank: rank, TruthRank: 2, M: 320, Kappa: 2, Sigma: 10, Scale: problem.ScaleMean, Seed: seed}.New()
	}
}

// ranks sweeps sensing with factors of a rank from random starts; success is an
// end point within 10⁻³ of M*.
func ranks(ctx context.Context, e Effort, rank int) (*landscape.SweepResult, error) {
	return landscape.Sweep{
		Problems: ranked(rank), Seeds: e.instances(40), Seed: e.Seed, Methods: []lr.Method{solver.LBFGS{}}, Workers: 1,
		Starts:  []landscape.SweepStart{{Name: "random", Point: func(p lr.Problem, seed uint64) (*lr.Factors, error) { return initial.Random{Seed: seed}.Point(p) }}},
		Options: &lr.Options{MaxIter: 5000},
		Success: func(o *landscape.SweepOutcome) bool { return o.Certificate.RelErr < 1e-3 },
	}.Run(ctx)
}

func measureOverRank(ctx context.Context, e Effort) (Measurement, error) {
	r, err := ranks(ctx, e, 4)
	if err != nil {
		return Measurement{}, err
	}
	exact, err := ranks(ctx, e, 2)
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(r.Outcomes))
	m.Proportion = &r.Overall
	m.Note = fmt.Sprintf("relative error below 1e-3; median %d steps of LBFGS, with the right rank %d", r.ByMethod[0].Iter, exact.ByMethod[0].Iter)
	return m, nil
}

func measureUnderRank(ctx context.Context, e Effort) (Measurement, error) {
	r, err := ranks(ctx, e, 1)
	if err != nil {
		return Measurement{}, err
	}
	var ones, errs []float64
	for _, o := range r.Outcomes {
		ones, errs = append(ones, 1), append(errs, o.Certificate.RelErr)
	}
	c, err := landscape.FitConstant(ones, errs)
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(r.Outcomes))
	m.Proportion, m.Constant = &r.Overall, constantOf("relative error at the end", c)
	m.Note = "the best matrix of rank 1 is 0.447 away when κ* = 2"
	return m, nil
}

// short counts rows and columns of a uniform draw with fewer than r entries.
func short(d, r, count int, seed uint64) (int, error) {
	mask, err := operator.FixedCount{D1: d, D2: d, Count: count, Seed: seed}.New()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, counts := range [][]int{mask.RowCounts(), mask.ColCounts()} {
		for _, c := range counts {
			if c < r {
				n++
			}
		}
	}
	return n, nil
}

// measureShort counts short rows and columns over draws, and the draws without.
func measureShort(ctx context.Context, e Effort) (Measurement, error) {
	const d, r = 1000, 5
	count := 3 * r * (2*d - r) / 2
	m := NewMeasurement(e.instances(100))
	var all []float64
	none := 0
	for i := range m.Instances {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		n, err := short(d, r, count, e.Seed+uint64(i))
		if err != nil {
			return m, err
		}
		if n == 0 {
			none++
		}
		all = append(all, float64(n))
	}
	p, err := landscape.NewProportion(none, m.Instances, 0)
	if err != nil {
		return m, err
	}
	var sum float64
	for _, n := range all {
		sum += n
	}
	m.Proportion = &p
	m.Note = fmt.Sprintf("draws of %d entries without a short line; on average %.2f rows and columns are short", count, sum/float64(len(all)))
	return m, nil
}

// measureHalf evaluates the closed form for ε from −½ to 1, in random bases.
func measureHalf(ctx context.Context, e Effort) (Measurement, error) {
	m := NewMeasurement(0)
	m.Residual = 0
	for seed := range uint64(e.instances(20)) {
		for _, eps := range []float64{-0.5, -0.1, 0, 0.01, 0.1, 1} {
			p, err := problem.Counterexample{Epsilon: eps, Rotate: true, Seed: e.Seed + seed}.New()
			if err != nil {
				return m, err
			}
			x, g := p.Instance.Spurious, lr.NewPoint(p)
			value := p.NewEval().Grad(g, x)
			values, err := landscape.HessianEigenvalues(ctx, p, x)
			if err != nil {
				return m, err
			}
			delta := 0.5
			if eps > 0 {
				delta = (2 + eps) / (4 + eps)
			}
			for _, miss := range []float64{value - 1.5, g.Norm(), values[0] - 2*eps, values[1] - 8, p.Instance.Delta - delta} {
				m.Residual = math.Max(m.Residual, math.Abs(miss)/8)
			}
			m.Instances++
		}
	}
	return m, nil
}
