package solver_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

func TestSGDSuite(t *testing.T) {
	sensing := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	sym := made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true})
	found := lowranktest.MethodOptions{Monotone: true}
	t.Run("sensing", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.SGD{}, sensing, start(t, starts["random"], sensing), found)
	})
	t.Run("symmetric completion", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.SGD{Batch: 50, Seed: 4}, sym, start(t, starts["random"], sym), found)
	})
	t.Run("fixed step", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.SGD{Step: 1e-4, Batch: 30}, sensing, start(t, starts["spectral"], sensing))
	})
	plain := lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	t.Run("refuses", func(t *testing.T) {
		lowranktest.TestRefuses(t, solver.SGD{}, plain, lr.NewPoint(plain), lr.AbilityBatches)
	})
}

// recorder is a problem with terms that notes which are asked for and moves by
// what they say: term i pulls the only number x to i.
type recorder struct {
	n       int
	batches *[][]int
}

func (recorder) Dims() (d1, d2, r int)               { return 1, 1, 1 }
func (recorder) Symmetric() bool                     { return true }
func (r recorder) NewEval() lr.Evaluator             { return r }
func (r recorder) Terms() int                        { return r.n }
func (r recorder) term(x *lr.Factors, i int) float64 { return x.U.At(0, 0) - float64(i) }

func (r recorder) Grad(dst, x *lr.Factors) float64 {
	var g, v float64
	for i := range r.n {
		e := r.term(x, i)
		g, v = g+e, v+e*e/2
	}
	if dst != nil {
		dst.U.Set(0, 0, g)
	}
	return v
}

func (r recorder) GradBatch(dst, x *lr.Factors, terms []int) {
	*r.batches = append(*r.batches, append([]int(nil), terms...))
	var g float64
	for _, i := range terms {
		g += r.term(x, i)
	}
	dst.U.Set(0, 0, g*float64(r.n)/float64(len(terms)))
}

// A pass takes every term once, in batches whose sizes differ by one at most,
// in another order each time; the point is that of the formula.
func TestSGDIsItsDefinition(t *testing.T) {
	var batches [][]int
	p := recorder{n: 23, batches: &batches}
	x0 := lr.NewPoint(p)
	x0.U.Set(0, 0, 5)
	s, err := solver.SGD{Batch: 5, Step: 0.01, Decay: 0.5, Seed: 7}.Start(p, x0)
	if err != nil {
		t.Fatal(err)
	}
	x, orders := 5.0, map[string]bool{}
	for pass := range 4 {
		batches = nil
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		seen, order := make([]int, p.n), ""
		for _, b := range batches {
			if len(b) != 4 && len(b) != 5 {
				t.Errorf("a batch of %d terms; 23 in five batches are wanted", len(b))
			}
			g := 0.0
			for _, i := range b {
				seen[i]++
				order += string(rune('a' + i))
				g += x - float64(i)
			}
			x -= 0.01 / (1 + 0.5*float64(pass)) * (g * 23 / float64(len(b)))
		}
		for i, n := range seen {
			if n != 1 {
				t.Errorf("pass %d takes term %d %d times", pass, i, n)
			}
		}
		orders[order] = true
		if got := s.Point().U.At(0, 0); len(batches) != 5 || math.Abs(got-x) > 1e-12 {
			t.Errorf("after pass %d of %d batches x = %.15g, want %.15g", pass, len(batches), got, x)
		}
	}
	if len(orders) != 4 {
		t.Errorf("%d orders in 4 passes", len(orders))
	}
}

// The first step found is 1/L: each batch's gradient has the slope n here.
func TestSGDFirstStep(t *testing.T) {
	var batches [][]int
	p := recorder{n: 23, batches: &batches}
	for m, want := range map[lr.Method]float64{solver.SGD{Batch: 5}: 1. / 23, solver.NoisySGD{Batch: 5, Noise: 1e-6}: 0.5 / 23} {
		x0 := lr.NewPoint(p)
		x0.U.Set(0, 0, 500) // far enough for any pass to descend
		if got := solve(t, p, m, x0, &lr.Options{MaxIter: 1}).Trace.Last().Step; math.Abs(got-want) > 1e-6*want {
			t.Errorf("%s: the first step is %g, want %g", m.Name(), got, want)
		}
	}
}

// Batches larger than the data are the data: gradient descent.
func TestSGDOfOneBatch(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1})
	x := start(t, starts["random"], p)
	a := solve(t, p, solver.SGD{Batch: 1000, Step: 1e-3}, x, &lr.Options{MaxIter: 10})
	b := solve(t, p, solver.GD{Step: 1e-3}, x, &lr.Options{MaxIter: 10})
	if e := lr.RelErr(a.X, b.X); e > 1e-12 {
		t.Errorf("ten passes are %g from ten steps of gradient descent", e)
	}
}

func TestSGDDefaultsConverge(t *testing.T) {
	for pn, p := range problems(t) {
		for sn, s := range starts {
			res := solve(t, p, solver.SGD{}, start(t, s, p), nil)
			truth, _ := lr.TruthOf(p)
			if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > 1e-8 || res.Iter > 500 {
				t.Errorf("%s from %s: %v after %d passes with relative error %g; want convergence within 500 to 1e-8", pn, sn, res.Status, res.Iter, e)
			}
		}
	}
}

// With noise a constant step settles above the minimum, in proportion to its
// length; the step that is found, and one that decays, go on.
func TestSGDWithNoise(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 200, Seed: 1, Noise: 1, Scale: problem.ScaleMean})
	x := start(t, starts["spectral"], p)
	best := solve(t, p, solver.GD{}, x, nil).Trace.Last().Loss
	above := func(m solver.SGD) float64 {
		rows := solve(t, p, m, x, &lr.Options{MaxIter: 1500}).Trace.Rows
		var mean float64
		for _, r := range rows[len(rows)-20:] {
			mean += (r.Loss - best) / 20
		}
		return mean
	}
	long, short := above(solver.SGD{Step: 0.02}), above(solver.SGD{Step: 0.002})
	if !(long > 3*short && short > 1e-9*best) {
		t.Errorf("constant steps 0.02 and 0.002 settle at %g and %g above the minimum %g", long, short, best)
	}
	if decays := above(solver.SGD{Step: 0.02, Decay: 0.1}); !(decays < long/10) {
		t.Errorf("with decay it ends %g above the minimum, without %g", decays, long)
	}
	if found := above(solver.SGD{}); !(found < short/10) {
		t.Errorf("with the step found it ends %g above the minimum, with a short constant one %g", found, short)
	}
}

// Another seed is another order, the same seed the same.
func TestSGDSeeds(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	x := start(t, starts["random"], p)
	run := func(m lr.Method) *lr.Factors { return solve(t, p, m, x, &lr.Options{MaxIter: 3}).X }
	for _, ms := range [][3]lr.Method{
		{solver.SGD{Step: 1e-4}, solver.SGD{Step: 1e-4}, solver.SGD{Step: 1e-4, Seed: 1}},
		{solver.NoisySGD{Step: 1e-4}, solver.NoisySGD{Step: 1e-4}, solver.NoisySGD{Step: 1e-4, Seed: 1}},
	} {
		a, same, other := run(ms[0]), run(ms[1]), run(ms[2])
		if !a.Equal(same) || a.Equal(other) {
			t.Errorf("%s: equal seeds agree: %t, others: %t", ms[0].Name(), a.Equal(same), a.Equal(other))
		}
	}
}

// endsInside is a context that has ended when it is asked once more than asked.
type endsInside struct {
	context.Context
	asked int
}

func (c *endsInside) Err() error {
	if c.asked--; c.asked < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A context that ends inside a pass leaves the point, and the random numbers,
// as they were.
func TestSGDCanceledInside(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 60, D2: 50, Rank: 4, M: 3000, Seed: 1})
	x := start(t, starts["random"], p)
	for _, m := range []lr.Method{solver.SGD{Batch: 1, Step: 1e-9}, solver.NoisySGD{Batch: 1, Step: 1e-9, Noise: 1}} {
		s, err := m.Start(p, x)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Step(&endsInside{Context: context.Background(), asked: 2})
		if !errors.Is(err, context.DeadlineExceeded) || !s.Point().Equal(x) {
			t.Fatalf("%s: error %v; want the context's and the point as it was", m.Name(), err)
		}
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		if want := solve(t, p, m, x, &lr.Options{MaxIter: 1}).X; !s.Point().Equal(want) {
			t.Errorf("%s: the next pass is not that of a run without the interruption", m.Name())
		}
	}
}

// At a critical point of every term nothing moves: the method stalls.
func TestSGDCriticalStart(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1})
	res := solve(t, p, solver.SGD{}, lr.NewPoint(p), &lr.Options{Stop: lr.LossBelow(0)})
	if res.Status != lr.Stalled || res.X.Norm() != 0 {
		t.Errorf("%v at norm %g; want stalled at 0", res.Status, res.X.Norm())
	}
}

// A step that is given and too long diverges to the last finite point; one that
// is found too long is taken back.
func TestSGDDiverged(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	for _, m := range []lr.Method{solver.SGD{Step: 1}, solver.NoisySGD{Step: 1, Noise: 1}} {
		res, err := lr.Solve(context.Background(), p, m, start(t, starts["random"], p), nil)
		if !errors.Is(err, lr.ErrDiverged) || !res.X.Finite() {
			t.Errorf("%s: %v, %v; want diverged at a finite point", m.Name(), res.Status, err)
		}
	}
}

func TestSGDNames(t *testing.T) {
	for want, m := range map[string]lr.Method{
		"SGD(step found, seed 0)":                                 solver.SGD{},
		"SGD(step 0.1, decay 0.5, batch 8, seed 3)":               solver.SGD{Step: 0.1, Decay: 0.5, Batch: 8, Seed: 3},
		"NoisySGD(step found, seed 0)":                            solver.NoisySGD{},
		"NoisySGD(step 0.1, decay 0.5, noise 2, batch 8, seed 3)": solver.NoisySGD{Step: 0.1, Decay: 0.5, Noise: 2, Batch: 8, Seed: 3},
	} {
		if got := m.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSGDBadInput(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 2, D2: 2, Rank: 1, M: 4})
	for says, m := range map[string]lr.Method{
		"SGD has Batch = -1":        solver.SGD{Batch: -1},
		"SGD has Step = -1":         solver.SGD{Step: -1},
		"SGD has Decay = NaN":       solver.SGD{Decay: math.NaN()},
		"NoisySGD has Batch = -2":   solver.NoisySGD{Batch: -2},
		"NoisySGD has Step = +Inf":  solver.NoisySGD{Step: math.Inf(1)},
		"NoisySGD has Decay = -0.1": solver.NoisySGD{Decay: -0.1},
		"NoisySGD has Noise = -3":   solver.NoisySGD{Noise: -3},
	} {
		_, err := m.Start(p, lr.NewPoint(p))
		if !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that wraps ErrValue and says %q", err, says)
		}
	}
}
