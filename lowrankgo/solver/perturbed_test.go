package solver_test

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// onAxes is the factorisation of a diagonal matrix of squares, 16, 9, 4, 1, 0,
// whose saddles have a gradient of exactly 0.
func onAxes(t testing.TB, rank int, symmetric bool) lr.Problem {
	t.Helper()
	a := mat.NewDiagDense(10, []float64{4, 16, 0, 9, 1, 0, 0, 0, 0, 0})
	return made(t, problem.Factorisation{A: a, Rank: rank, Symmetric: symmetric})
}

// TestSaddle is the reason for the method: from a point whose gradient is
// exactly 0 gradient descent does not move, and perturbed gradient descent
// finds the minimum, for each of 20 seeds.
func TestSaddle(t *testing.T) {
	for name, s := range map[string]starter{"saddle": initial.Saddle{}, "second saddle": initial.Saddle{Without: []int{0, 2}}, "zero": initial.Zero{}} {
		for _, symmetric := range []bool{true, false} {
			p := onAxes(t, 2, symmetric)
			x0, g := start(t, s, p), lr.NewPoint(p)
			if p.NewEval().Grad(g, x0); g.Norm() != 0 {
				t.Fatalf("%s, symmetric %t: ‖∇f‖ = %g, want exactly 0", name, symmetric, g.Norm())
			}
			o := &lr.Options{Stop: lr.RelErrBelow(1e-8), MaxIter: 5000}
			for _, m := range []lr.Method{solver.GD{}, solver.GD{Step: 0.01}} {
				if res := solve(t, p, m, x0, o); !res.X.Equal(x0) {
					t.Errorf("%s, symmetric %t: %s left the saddle", name, symmetric, m.Name())
				}
			}
			for seed := range uint64(20) {
				for _, m := range []lr.Method{solver.PerturbedGD{Seed: seed}, solver.PerturbedGD{Seed: seed, Step: 0.01, Radius: 0.05, Threshold: 0.1, Decrease: 1e-3, Wait: 200}} {
					if res := solve(t, p, m, x0, o); res.Status != lr.ErrorConverged {
						t.Errorf("%s, symmetric %t: %s: %v after %d steps with relative error %g", name, symmetric, m.Name(), res.Status, res.Iter, res.Trace.Last().RelErr)
					}
				}
			}
		}
	}
}

// A saddle that is met on the way, not at the start: one column is 0 and stays
// so for gradient descent, which converges to it.
func TestSaddleOnTheWay(t *testing.T) {
	p := onAxes(t, 2, true)
	x0 := start(t, initial.Random{Seed: 1}, p)
	for i := range 10 {
		x0.U.Set(i, 1, 0)
	}
	if res := solve(t, p, solver.GD{}, x0, nil); res.Trace.Last().RelErr < 0.1 {
		t.Fatalf("gradient descent has relative error %g: the test sees no saddle", res.Trace.Last().RelErr)
	}
	for seed := range uint64(20) {
		res := solve(t, p, solver.PerturbedGD{Seed: seed}, x0, nil)
		if e := res.Trace.Last().RelErr; res.Status != lr.GradientConverged || e > 1e-8 {
			t.Errorf("seed %d: %v after %d steps with relative error %g", seed, res.Status, res.Iter, e)
		}
	}
}

// naivePerturbed is the algorithm as the paper prints it, with noise given, but
// that noise may come back after Wait steps and not one more.
func naivePerturbed(p lr.Problem, x *lr.Factors, g solver.PerturbedGD, noise []*lr.Factors, steps int) (path []*lr.Factors) {
	grad := lr.NewPoint(p)
	eval := p.NewEval()
	since := g.Wait
	x = x.Clone()
	for range steps {
		eval.Grad(grad, x)
		if grad.Norm() <= g.Threshold && since >= g.Wait {
			x.AddScaled(1, noise[0])
			noise, since = noise[1:], 0
			path = append(path, x.Clone()) // our noise is a step of its own
			eval.Grad(grad, x)
		}
		x.AddScaled(-g.Step, grad)
		since++
		path = append(path, x.Clone())
	}
	return path
}

// TestPerturbedIsItsDefinition takes the noise from a run and has the paper's
// loop go the same way with it.
func TestPerturbedIsItsDefinition(t *testing.T) {
	p := onAxes(t, 2, false)
	m := solver.PerturbedGD{Step: 0.01, Radius: 0.1, Threshold: 0.5, Decrease: 1e-3, Wait: 40, Seed: 7}
	x0 := start(t, initial.Saddle{}, p)
	s, err := m.Start(p, x0)
	if err != nil {
		t.Fatal(err)
	}
	var path, noise []*lr.Factors
	for range 150 {
		before := s.Point().Clone()
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		path = append(path, s.Point().Clone())
		if s.Info().Step != m.Step {
			xi := s.Point().Clone()
			xi.AddScaled(-1, before)
			if n := xi.Norm(); n > m.Radius || math.Abs(n-s.Info().Step) > 1e-12 {
				t.Errorf("noise of length %g, in the trace %g; want at most %g", n, s.Info().Step, m.Radius)
			}
			noise = append(noise, xi)
		}
	}
	want := naivePerturbed(p, x0, m, noise, 150)
	for k, x := range path {
		x.AddScaled(-1, want[k])
		if e := x.Norm(); e > 1e-10 {
			t.Fatalf("step %d is %g from that of the definition", k+1, e)
		}
	}
	if len(noise) == 0 {
		t.Error("no noise was added; the test sees nothing")
	}
}

// At a minimum noise gains nothing: after Wait steps the method is back where
// it was, to the bit, and goes on as gradient descent.
func TestPerturbedGoesBack(t *testing.T) {
	p := onAxes(t, 2, true)
	m := solver.PerturbedGD{Threshold: 1e-3, Wait: 10, Decrease: 1e-4}
	s, err := m.Start(p, start(t, initial.Random{Seed: 1}, p))
	if err != nil {
		t.Fatal(err)
	}
	var before *lr.Factors
	var loss float64
	for k := 0; ; k++ {
		if k == 2000 {
			t.Fatal("the method never adds noise")
		}
		before, loss = s.Point().Clone(), s.Info().Loss
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		if s.Info().Loss > loss { // gradient descent alone never rises
			break
		}
	}
	for range 11 {
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Point().Equal(before) || s.Info().Loss != loss {
		t.Fatal("after noise that gained nothing the method is not back")
	}
	for range 3000 {
		loss = s.Info().Loss
		if err := s.Step(context.Background()); errors.Is(err, lr.ErrNoProgress) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if s.Info().Loss > loss+1e-13*math.Abs(loss) {
			t.Fatal("noise was added a second time")
		}
	}
	if g := s.Info().GradNorm; g > 1e-10 {
		t.Errorf("it ends at a gradient of %g; want the precision of gradient descent", g)
	}
}

// The noise is uniform in the ball: its length L has P(L ≤ q·Radius) = qⁿ, and
// its directions average to 0.
func TestPerturbedNoise(t *testing.T) {
	const runs, radius = 4000, 0.3
	flat := lr.Funcs{D1: 2, D2: 1, Rank: 1, GradFunc: func(dst, _ *lr.Factors) float64 {
		if dst != nil {
			dst.Scale(0)
		}
		return 1
	}}
	const n = 3
	half := radius * math.Pow(0.5, 1.0/n)
	inner, sum := 0, lr.NewPoint(flat)
	for seed := range uint64(runs) {
		s, err := solver.PerturbedGD{Radius: radius, Seed: seed}.Start(flat, lr.NewPoint(flat))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		xi := s.Point()
		if l := xi.Norm(); l > radius*(1+1e-12) {
			t.Fatalf("seed %d: noise of length %g in a ball of radius %g", seed, l, radius)
		} else if l < half {
			inner++
		}
		sum.AddScaled(1, xi)
	}
	if sd := math.Sqrt(runs) / 2; math.Abs(float64(inner)-runs/2) > 5*sd {
		t.Errorf("%d of %d noises lie in the inner half of the ball's volume", inner, runs)
	}
	if mean := sum.Norm() / runs; mean > 5*radius/math.Sqrt(runs) {
		t.Errorf("the mean noise has length %g", mean)
	}
}

// Where Wait is too short for the curvature the method says so by stalling at
// the saddle, not by going on for ever.
func TestPerturbedWaitsTooShort(t *testing.T) {
	p := onAxes(t, 2, true)
	x0 := start(t, initial.Saddle{}, p)
	for _, m := range []solver.PerturbedGD{{Wait: 2, Decrease: 1}, {Wait: 2, Decrease: 1, Step: 0.01}} {
		res := solve(t, p, m, x0, &lr.Options{Stop: lr.RelErrBelow(1e-8)})
		if res.Status != lr.Stalled || !res.X.Equal(x0) {
			t.Errorf("%s: %v after %d steps; want stalled at the saddle", m.Name(), res.Status, res.Iter)
		}
	}
}

func TestPerturbedSuiteOnFactorisation(t *testing.T) {
	p := onAxes(t, 2, true)
	lowranktest.TestMethod(t, solver.PerturbedGD{}, p, start(t, initial.Random{Seed: 1}, p))
}

// Without a Radius the noise is in the units of the data, also at 0: a
// thousandth of the square root of the target's size, whatever its scale.
func TestPerturbedRadius(t *testing.T) {
	for _, scale := range []float64{1e-8, 1, 1e8} {
		a := mat.NewDiagDense(6, []float64{3 * scale, 0, 4 * scale, 0, 0, 0})
		p := made(t, problem.Factorisation{A: a, Rank: 2, Symmetric: true})
		s, err := solver.PerturbedGD{}.Start(p, start(t, initial.Zero{}, p))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want, got := 1e-3*math.Sqrt(5*scale), s.Point().Norm(); got > want*(1+1e-6) || got < want/10 {
			t.Errorf("at scale %g the noise has length %g; want up to %g", scale, got, want)
		}
		res := solve(t, p, solver.PerturbedGD{}, start(t, initial.Zero{}, p), &lr.Options{Stop: lr.RelErrBelow(1e-8), MaxIter: 5000})
		if res.Status != lr.ErrorConverged {
			t.Errorf("at scale %g: %v after %d steps with relative error %g", scale, res.Status, res.Iter, res.Trace.Last().RelErr)
		}
	}
}

// A minimum that is hit exactly while the method waits ends the waiting.
func TestPerturbedHitsTheMinimum(t *testing.T) {
	bowl := lr.Funcs{D1: 2, D2: 2, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.CopyFrom(x)
		}
		return x.Dot(x) / 2
	}}
	res := solve(t, bowl, solver.PerturbedGD{Step: 1, Radius: 0.1}, start(t, initial.Random{Seed: 1}, bowl), &lr.Options{Stop: lr.GradBelow(-1)})
	if res.Status != lr.Stalled || res.X.Norm() != 0 || res.Iter > 10 {
		t.Errorf("%v after %d steps at %g; want stalled at 0 within ten", res.Status, res.Iter, res.X.Norm())
	}
}
