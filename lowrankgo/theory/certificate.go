package theory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

func certificateItems() []Item {
	return []Item{
		{
			Name:      "[G] Def 1",
			Statement: "first- and second-order optimality: ∇f(x) = 0 and ∇²f(x) ⪰ 0, as the residuals ‖∇f(x)‖F and min(0, λmin)",
			Functions: []string{"landscape.Certify", "landscape.HessianEigenvalues"},
			Tests:     []string{"landscape.TestCertifyVectors", "landscape.TestHessianEigenvaluesVectors"},
			Measure:   measureOptimality,
		}, {
			Name:       "[G] Def 2",
			Statement:  "(θ, γ, ζ)-strict saddle: at every x, ‖∇f(x)‖ ≥ θ, or λmin(∇²f(x)) ≤ −γ, or x is within ζ of the minima",
			Functions:  []string{"landscape.Certify"},
			Tests:      []string{"landscape.TestCertifySaddles", "landscape.TestCertifyCounterexample", "landscape.TestCertifyGiven"},
			Hypotheses: "a property of the objective; measured where Thm 8 grants it: symmetric, H = I + δK with δ = 1/20, (ε, 0.2σr*, 20ε/σr*)",
			Measure:    measureStrictSaddle,
		},
	}
}

// measureOptimality certifies solutions, saddles and random points and compares
// the smallest eigenvalue with that of the dense Hessian, apart from the
// directions that the search leaves out.
func measureOptimality(ctx context.Context, e Effort) (Measurement, error) {
	m := NewMeasurement(0)
	m.Residual = 0
	var grad, low float64
	kinds := []func(seed uint64) (lr.Problem, error){balancedSensing, regularisedCompletion, generalSymmetric, generalAsymmetric, unregularisedSensing}
	for i := range e.instances(40) {
		p, err := kinds[i%len(kinds)](e.Seed + uint64(i))
		if err != nil {
			return m, err
		}
		x0, err := initial.Random{Seed: e.Seed + uint64(i)}.Point(p)
		if err != nil {
			return m, err
		}
		res, err := lr.Solve(ctx, p, solver.LBFGS{}, x0, nil)
		if err != nil {
			return m, err
		}
		for _, x := range []*lr.Factors{res.X, lr.NewPoint(p), x0} {
			c, residual, err := optimality(ctx, p, x)
			if err != nil {
				return m, err
			}
			m.Instances++
			m.Residual = math.Max(m.Residual, residual)
			if x == res.X {
				grad = math.Max(grad, c.RelGrad)
				low = math.Min(low, c.Curvature.Value/c.Curvature.Largest)
			}
		}
	}
	m.Met = "no hypotheses"
	m.Note = fmt.Sprintf("λmin of the certificate against the dense spectrum, as a part of the largest eigenvalue; at the solutions ‖∇f‖ is at most %.1g of L‖x‖, and min(0, λmin) at least %.1g of L", grad, low)
	return m, nil
}

// optimality is the certificate at x and how far its λmin is off.
func optimality(ctx context.Context, p lr.Problem, x *lr.Factors) (*landscape.Certificate, float64, error) {
	c, err := landscape.Certify(ctx, p, x, &landscape.Options{Tol: 1e-13, Products: 200})
	if err != nil {
		return nil, 0, err
	}
	all, err := landscape.HessianEigenvalues(ctx, p, x)
	if err != nil {
		return nil, 0, err
	}
	size := math.Max(-all[0], all[len(all)-1])
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	return c, math.Abs(c.Curvature.Value-slices.Min(all[c.Deflated:])) / size, nil
}

// unregularisedSensing is sensing whose group is GL(r).
func unregularisedSensing(seed uint64) (lr.Problem, error) {
	return problem.GaussianSensing{D1: 8, D2: 7, Rank: 2, M: 60, Scale: problem.ScaleMean, Seed: seed}.New()
}

// measureStrictSaddle certifies the points of runs of gradient descent, from
// random, small and nearly critical starts, with the numbers of Thm 8 for several
// ε, and counts those that are in one of the three cases.
func measureStrictSaddle(ctx context.Context, e Effort) (Measurement, error) {
	const delta = 1. / 20
	m := NewMeasurement(0)
	found := map[landscape.Verdict]int{}
	for i := range e.instances(20) {
		seed := e.Seed + uint64(i)
		p, sigma, err := perturbedIdentity(seed, delta)
		if err != nil {
			return m, err
		}
		points, err := path(ctx, p, seed)
		if err != nil {
			return m, err
		}
		for _, x := range points {
			for _, eps := range []float64{1e-1, 1e-3, 1e-6} {
				eps *= math.Pow(sigma, 1.5)
				c, err := landscape.Certify(ctx, p, x, &landscape.Options{Theta: eps, Gamma: 0.2 * sigma, Zeta: 20 * eps / sigma, Tol: 1e-10})
				if err != nil {
					return m, err
				}
				m.Instances++
				found[c.Verdict]++
			}
		}
	}
	in := found[landscape.LargeGradient] + found[landscape.NegativeCurvature] + found[landscape.NearOptimum]
	m.Violations = m.Instances - in
	share, err := landscape.NewProportion(in, m.Instances, 0.95)
	if err != nil {
		return m, err
	}
	m.Proportion = &share
	m.Met = fmt.Sprintf("all %d: δ = 1/20 by construction", m.Instances)
	m.Note = fmt.Sprintf("points of gradient descent, ε = 0.1, 10⁻³ and 10⁻⁶ of σr*^1.5: %d with a large gradient, %d with negative curvature, %d near the optimum",
		found[landscape.LargeGradient], found[landscape.NegativeCurvature], found[landscape.NearOptimum])
	return m, nil
}

// perturbedIdentity is ½(UUᵀ − M*) : H : (UUᵀ − M*), H = I + δK, with σr*.
func perturbedIdentity(seed uint64, delta float64) (lr.Problem, float64, error) {
	h, err := operator.Perturbed{D1: 8, Delta: delta, Seed: seed, Symmetric: true}.New()
	if err != nil {
		return nil, 0, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(seed, "truth"), 8, 2)}
	p, err := problem.General{Form: h, Truth: truth, Rank: 2, Symmetric: true}.New()
	if err != nil {
		return nil, 0, err
	}
	a, b, c := truth.U.ColView(0), truth.U.ColView(1), truth.U
	var aa, bb, ab float64 // the Gram matrix of U*, whose eigenvalues are those of M*
	for i := range c.RawMatrix().Rows {
		aa += float64(a.AtVec(i) * a.AtVec(i))
		bb += float64(b.AtVec(i) * b.AtVec(i))
		ab += float64(a.AtVec(i) * b.AtVec(i))
	}
	return p, (aa + bb - math.Hypot(aa-bb, 2*ab)) / 2, nil
}

// path returns points of gradient descent from random, small and nearly critical
// starts.
func path(ctx context.Context, p lr.Problem, seed uint64) ([]*lr.Factors, error) {
	points := []*lr.Factors{lr.NewPoint(p)}
	for _, scale := range []float64{1, 0.01, 1e-6} {
		x0, err := initial.Random{Scale: scale, Seed: seed}.Point(p)
		if err != nil {
			return nil, err
		}
		run, err := lr.Start(p, solver.GD{}, x0, &lr.Options{MaxIter: 200, Every: 20})
		if err != nil {
			return nil, err
		}
		for run.Next(ctx) {
			points = append(points, run.Point().Clone())
		}
		if err := run.Err(); err != nil {
			return nil, err
		}
	}
	return points, nil
}
