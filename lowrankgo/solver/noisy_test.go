package solver_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func TestNoisySGDSuite(t *testing.T) {
	o := lowranktest.MethodOptions{Stop: lr.RelErrBelow(0.01), RelErr: 0.01, MaxIter: 2000}
	sensing := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	t.Run("sensing", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.NoisySGD{}, sensing, start(t, starts["random"], sensing), o)
	})
	sym := made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true})
	t.Run("symmetric completion", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.NoisySGD{Decay: 0.01, Seed: 3}, sym, start(t, starts["random"], sym), o)
	})
	whole := withoutTerms(sensing)
	t.Run("without batches", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.NoisySGD{}, whole, start(t, starts["random"], whole), o)
	})
}

// withoutTerms is p without its batches.
func withoutTerms(p lr.Problem) lr.Problem {
	d1, d2, r := p.Dims()
	truth, _ := lr.TruthOf(p)
	return lr.Funcs{
		Name: "whole", D1: d1, D2: d2, Rank: r, Sym: lr.SymmetricOf(p), TruthValue: truth,
		GradFunc: func() func(dst, x *lr.Factors) float64 {
			pool := make(chan lr.Evaluator, 8) // evaluators for concurrent use
			return func(dst, x *lr.Factors) float64 {
				var e lr.Evaluator
				select {
				case e = <-pool:
				default:
					e = p.NewEval()
				}
				v := e.Grad(dst, x)
				select {
				case pool <- e:
				default:
				}
				return v
			}
		}(),
	}
}

// Each move is −η(g + ξ) with ‖ξ‖ as asked for, and ξ favours no direction.
func TestNoisySGDIsItsDefinition(t *testing.T) {
	const step, radius = 1e-3, 4.0
	p := withoutTerms(made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 40, Seed: 1, Scale: problem.ScaleMean}))
	x := start(t, starts["random"], p)
	g, sum := lr.NewPoint(p), lr.NewPoint(p)
	const seeds = 400
	for seed := range uint64(seeds) {
		next := solve(t, p, solver.NoisySGD{Step: step, Noise: radius, Seed: seed}, x, &lr.Options{MaxIter: 1}).X
		p.NewEval().Grad(g, x)
		next.AddScaled(-1, x)
		next.AddScaled(step, g)
		next.Scale(-1 / step) // ξ
		if math.Abs(next.Norm()-radius) > 1e-9 {
			t.Fatalf("seed %d: ‖ξ‖ = %g, want %g", seed, next.Norm(), radius)
		}
		sum.AddScaled(1/(radius*math.Sqrt(seeds)), next)
	}
	if n := sum.Norm(); n > 2 { // 1 on average, ± 0.17
		t.Errorf("the mean of %d directions is %.2f times as long as that of independent ones", seeds, n)
	}
}

// TestNoisySGDLeavesSaddles starts exactly at a saddle of an axis-aligned
// factorisation, where the gradient is 0 to the bit, and that of every term:
// gradient descent stays there for ever, and so does SGD. Noise leaves, for each
// of 20 seeds, and reaches the minimum as nearly as batches of a residual that
// is not 0 let it.
func TestNoisySGDLeavesSaddles(t *testing.T) {
	diagonal := func(d1, d2 int, values ...float64) *mat.Dense {
		a := mat.NewDense(d1, d2, nil)
		for k, v := range values {
			a.Set(k, k, v)
		}
		return a
	}
	for name, f := range map[string]problem.Factorisation{
		"symmetric":  {A: diagonal(8, 8, 9, 4, 2.25, 1), Rank: 2, Symmetric: true},
		"asymmetric": {A: diagonal(8, 6, 9, 4, 2.25, 1), Rank: 2},
	} {
		p := made(t, f)
		x0 := start(t, initial.Saddle{}, p)
		g := lr.NewPoint(p)
		value := p.NewEval().Grad(g, x0)
		if g.Norm() != 0 {
			t.Fatalf("%s: the gradient at the saddle is %g, want 0 exactly", name, g.Norm())
		}
		for _, m := range []lr.Method{solver.GD{Step: 0.02}, solver.GD{}, solver.SGD{Step: 0.005}} {
			if stays := solve(t, p, m, x0, &lr.Options{MaxIter: 1000, Stop: lr.LossBelow(0)}); !stays.X.Equal(x0) {
				t.Errorf("%s: %s left the saddle", name, m.Name())
			}
		}
		truth, _ := lr.TruthOf(p)
		least := p.NewEval().Grad(nil, truth)
		whole := withoutTerms(p)
		for seed := range uint64(20) {
			for _, q := range []lr.Problem{p, whole} {
				res := solve(t, q, solver.NoisySGD{Seed: seed}, x0, &lr.Options{MaxIter: 2000, Stop: lr.RelErrBelow(0.1)})
				if res.Status != lr.ErrorConverged {
					t.Errorf("%s, %v, seed %d: value %g after %d passes; the saddle has %g, the minimum %g", name, q, seed, res.Trace.Last().Loss, res.Iter, value, least)
				}
			}
		}
	}
}

// The error at which it settles grows with the noise, and falls with decay.
func TestNoisySGDSettles(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1, Scale: problem.ScaleMean})
	x := start(t, starts["spectral"], p)
	settled := func(m solver.NoisySGD) float64 {
		rows := solve(t, p, m, x, &lr.Options{MaxIter: 600}).Trace.Rows
		var mean float64
		for _, r := range rows[len(rows)-50:] {
			mean += r.RelErr / 50
		}
		return mean
	}
	quiet, loud := settled(solver.NoisySGD{Step: 0.01, Noise: 0.1}), settled(solver.NoisySGD{Step: 0.01, Noise: 1})
	if !(loud > 5*quiet && loud < 20*quiet) {
		t.Errorf("noise 0.1 and 1 settle at %g and %g; ten times as much is wanted", quiet, loud)
	}
	if decays := settled(solver.NoisySGD{Step: 0.01, Noise: 1, Decay: 0.1}); !(decays < loud/3) {
		t.Errorf("with decay it ends at %g, without at %g", decays, loud)
	}
	if usual := settled(solver.NoisySGD{}); !(usual > 1e-5 && usual < 1e-2) {
		t.Errorf("the default settles at %g, want about 1e-3", usual)
	}
}
