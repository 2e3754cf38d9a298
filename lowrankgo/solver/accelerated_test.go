package solver_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// naiveAccelerated is Nesterov's recursion with a fixed step; rising says
// whether the momentum is dropped after a step that raises the objective
// (which is then taken back), uphill whether after one with
// ⟨∇f(y), x⁺ − x⟩ > 0.
func naiveAccelerated(p lr.Problem, x *lr.Factors, step float64, steps int, rising, uphill bool) (out []*lr.Factors, restarts int) {
	eval, g := p.NewEval(), lr.NewPoint(p)
	x = x.Clone()
	before, theta := x.Clone(), 1.0
	for len(out) < steps {
		next := (1 + math.Sqrt(1+4*theta*theta)) / 2
		y := x.Clone()
		y.AddScaled((theta-1)/next, x)
		y.AddScaled(-(theta-1)/next, before)
		eval.Grad(g, y)
		to := y.Clone()
		to.AddScaled(-step, g)
		if theta > 1 && rising && eval.Grad(nil, to) > eval.Grad(nil, x) {
			theta = 1
			restarts++
			continue
		}
		move := to.Clone()
		move.AddScaled(-1, x)
		theta = next
		if uphill && g.Dot(move) > 0 {
			theta = 1
			restarts++
		}
		before, x = x, to
		out = append(out, x)
	}
	return out, restarts
}

func TestAcceleratedIsItsDefinition(t *testing.T) {
	p := bowl(300)
	x0 := start(t, starts["random"], p)
	for _, c := range []struct {
		restart        solver.Restart
		rising, uphill bool
	}{{solver.RestartNever, false, false}, {solver.RestartFunction, true, false}, {solver.RestartGradient, false, true}, {solver.RestartDefault, true, true}} {
		m := solver.Accelerated{Step: 1.0 / 300, Restart: c.restart}
		got := pathOf(t, p, m, x0, 150)
		want, restarts := naiveAccelerated(p, x0, m.Step, 150, c.rising, c.uphill)
		for k, x := range want {
			size := x.Norm()
			x.AddScaled(-1, got[k+1].x)
			if e := x.Norm(); e > 1e-9*(1+size) {
				t.Errorf("%s: step %d is %g from that of the definition", m.Name(), k+1, e)
				break
			}
		}
		if (restarts > 0) != (c.rising || c.uphill) {
			t.Errorf("%s: %d restarts; the test does not see them", m.Name(), restarts)
		}
	}
}

// TestAcceleratedRate is the reason for the method: with restart the steps
// grow as √κ, those of gradient descent as κ, and without restart a good part
// of the gain is lost again.
func TestAcceleratedRate(t *testing.T) {
	count := func(kappa float64, m lr.Method) int {
		p := bowl(kappa)
		res := solve(t, p, m, start(t, starts["random"], p), &lr.Options{Stop: lr.GradReduced(1e-8)})
		if !res.Status.Converged() {
			t.Fatalf("κ = %g, %s: %v", kappa, m.Name(), res.Status)
		}
		return res.Iter
	}
	well, ill := count(100, solver.Accelerated{Step: 1e-2}), count(1e4, solver.Accelerated{Step: 1e-4})
	if ill > 20*well {
		t.Errorf("%d steps at κ = 100, %d at κ = 10⁴; want about ten times as many", well, ill)
	}
	if gd := count(1e4, solver.GD{Step: 1e-4}); gd < 10*ill {
		t.Errorf("gradient descent takes %d steps at κ = 10⁴, Accelerated %d; want ten times as many", gd, ill)
	}
	if never := count(1e4, solver.Accelerated{Step: 1e-4, Restart: solver.RestartNever}); never < 2*ill {
		t.Errorf("%d steps without restart, %d with; want twice as many", never, ill)
	}
	if found := count(1e4, solver.Accelerated{}); found > 3*ill {
		t.Errorf("%d steps with the step found, %d with 1/L; want at most three times as many", found, ill)
	}
}

// Two values with gradient a step, fewer right after a restart: the promise of
// the doc comment.
func TestAcceleratedCost(t *testing.T) {
	p := bowl(100)
	res := solve(t, p, solver.Accelerated{Step: 1e-2, Restart: solver.RestartNever}, start(t, starts["random"], p), &lr.Options{MaxIter: 100})
	if res.Evals != 200 { // one at the start, one for the first step, two for each other
		t.Errorf("%d evaluations for 100 steps, want 200", res.Evals)
	}
}
