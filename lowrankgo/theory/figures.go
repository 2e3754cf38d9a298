package theory

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func figureItems() []Item {
	return []Item{
		{
			Name:      "[L] Fig 1",
			Statement: "surfaces of g(u, v) = ½(1 − uv)² and g̃ = g + (μ/4)(u² − v²)², μ = 1/16, with minimisers and saddle marked",
			Functions: []string{"landscape.ScalarExample", "problem.Factorisation", "problem.Balance"},
			Tests:     []string{"theory.TestFigure1"},
			Measure:   measureFigure1,
		}, {
			Name:       "[L] Fig 2 a,b",
			Statement:  "sensing of a 40×50 matrix of rank 5 by 750 Gaussian measurements: for μ = 0.1, 0.01, 1e-3, 1e-4 and 0, gradient descent takes fitting error and ‖UVᵀ − X*‖² below 1e-20",
			Functions:  []string{"problem.GaussianSensing", "problem.Balance", "solver.GD"},
			Tests:      []string{"solver.TestFigure2", "theory.TestFigure2"},
			Hypotheses: "none of Thm III.1's: β/α is infinite here, see Def III.1; step 7e-6 and the start 0.01·N(0, 1) are not in the paper",
			Measure:    measureFigure2,
		},
	}
}

// figure1 is g̃ as a problem, g itself when mu is 0.
func figure1(mu float64) (lr.Problem, error) {
	p, err := problem.Factorisation{A: mat.NewDense(1, 1, []float64{1}), Rank: 1}.New()
	if err != nil || mu == 0 {
		return p, err
	}
	return problem.Balance{Of: p, Mu: mu}.New()
}

// measureFigure1 compares both surfaces, as the problems have them, with the
// closed forms on a grid, and the gradients at the marked points with 0.
func measureFigure1(ctx context.Context, e Effort) (Measurement, error) {
	const side = 2.0
	steps := 20
	if e.Quick {
		steps = 6
	}
	m := NewMeasurement(2 * (2*steps + 1) * (2*steps + 1))
	m.Residual = 0
	m.Note = "minimisers (1, 1), (−1, −1) and saddle (0, 0) of g̃; of g all uv = 1"
	for _, mu := range []float64{0, 1.0 / 16} {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		p, err := figure1(mu)
		if err != nil {
			return m, err
		}
		eval, closed := p.NewEval(), landscape.ScalarExample{Mu: mu}
		x, g := lr.NewFactors(1, 1, 1), lr.NewFactors(1, 1, 1)
		at := func(u, v float64) float64 {
			x.U.Set(0, 0, u)
			x.V.Set(0, 0, v)
			return eval.Grad(g, x)
		}
		for i := -steps; i <= steps; i++ {
			for j := -steps; j <= steps; j++ {
				u, v := side*float64(i)/float64(steps), side*float64(j)/float64(steps)
				want := closed.Value(u, v)
				m.Residual = math.Max(m.Residual, math.Abs(at(u, v)-want)/(1+want))
			}
		}
		for _, marked := range [][2]float64{{1, 1}, {-1, -1}, {0, 0}} {
			at(marked[0], marked[1])
			m.Residual = math.Max(m.Residual, g.Norm())
		}
	}
	return m, nil
}

// weights are the μ of Fig 2 a,b.
var weights = []float64{0, 1e-4, 1e-3, 1e-2, 1e-1}

// measureFigure2 counts the weights μ with which both errors fall below 1e-20;
// quick looks at μ = 0 alone.
func measureFigure2(ctx context.Context, e Effort) (Measurement, error) {
	mus := weights
	if e.Quick {
		mus = weights[:1]
	}
	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: e.Seed}.New()
	if err != nil {
		return Measurement{}, err
	}
	m := NewMeasurement(len(mus))
	below, fewest, most := 0, math.MaxInt, 0
	for _, mu := range mus {
		iterations, ok, err := figure2(ctx, p, mu, e.Seed)
		if err != nil {
			return m, err
		}
		if ok {
			below++
			fewest, most = min(fewest, iterations), max(most, iterations)
		}
	}
	share, err := landscape.NewProportion(below, len(mus), 0)
	if err != nil {
		return m, err
	}
	m.Proportion = &share
	m.Note = fmt.Sprintf("in %d to %d iterations; the weights share one instance, so the interval says little", fewest, most)
	if below == 0 {
		m.Note = "none in 5,000 iterations"
	}
	return m, nil
}

// figure2 counts the iterations of gradient descent, in twenties, until fitting
// error and distance are below 1e-20, and reports whether they are within 5,000.
// The fitting error is that of sensing, without the regulariser.
func figure2(ctx context.Context, sensing lr.Problem, mu float64, seed uint64) (iterations int, ok bool, err error) {
	p := sensing
	if mu > 0 {
		b, err := problem.Balance{Of: sensing, Mu: mu}.New()
		if err != nil {
			return 0, false, err
		}
		p = b
	}
	x0, err := initial.Random{Scale: 0.01, Seed: seed}.Point(p)
	if err != nil {
		return 0, false, err
	}
	never := func(*lr.Trace) lr.Status { return lr.Running }
	run, err := lr.Start(p, solver.GD{Step: 7e-6}, x0, &lr.Options{MaxIter: 5000, Every: 20, Stop: never})
	if err != nil {
		return 0, false, err
	}
	fit := sensing.NewEval()
	for run.Next(ctx) {
		if run.Row().SqErr < 1e-20 && fit.Grad(nil, run.Point()) < 1e-20 {
			return run.Row().Iter, true, nil
		}
	}
	return run.Row().Iter, false, run.Err()
}
