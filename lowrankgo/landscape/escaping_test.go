package landscape_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/optimize"
)

// descending are methods that stay where the gradient is 0.
func descending() []lr.Method {
	return []lr.Method{
		solver.GD{}, solver.GD{Rule: solver.RuleArmijo}, solver.GD{Rule: solver.RuleBarzilaiBorwein},
		solver.Accelerated{}, solver.ConjugateGradient{}, solver.LBFGS{}, solver.ScaledGD{}, solver.PerturbedGD{Seed: 1},
		solver.Gonum{Method: &optimize.LBFGS{}},
	}
}

// TestEscapingSuite holds wrapped methods to the contract of all methods, from a
// point beside a saddle and from the saddle itself.
func TestEscapingSuite(t *testing.T) {
	p := built(problem.RandomCompletion{D1: 8, D2: 7, Rank: 2, P: 0.9, Seed: 4}.New())(t)
	near := built(initial.Random{Scale: 0.01, Seed: 2}.Point(p))(t)
	starts := map[string]*lr.Factors{"near zero": near, "zero": lr.NewPoint(p)}
	for name, x0 := range starts {
		for _, m := range []lr.Method{solver.GD{}, solver.LBFGS{}, solver.ConjugateGradient{}, solver.ScaledGD{}, solver.AltMin{}, solver.PerturbedGD{Seed: 1}} {
			t.Run(m.Name()+" from "+name, func(t *testing.T) {
				o := lowranktest.MethodOptions{Allocates: true}
				if m == (solver.AltMin{}) { // from a point of rank one its factors grow, and its gradients with them
					o.Stop = lr.LossBelow(1e-16)
				}
				lowranktest.TestMethod(t, landscape.Escaping{Method: m}, p, x0, o)
			})
		}
		t.Run("Gonum from "+name, func(t *testing.T) {
			m := solver.Gonum{Method: &optimize.LBFGS{}}
			lowranktest.TestMethod(t, landscape.Escaping{Method: m}, p, x0, lowranktest.MethodOptions{Allocates: true, NoSave: true})
		})
	}
}

// TestEscapingReachesTheMinimum: from exact saddles and from 0 every wrapped
// method ends by the default rule at the global minimum.
func TestEscapingReachesTheMinimum(t *testing.T) {
	for _, c := range strictSaddles(t) {
		for _, m := range descending() {
			t.Run(c.name+"/"+m.Name(), func(t *testing.T) {
				res, err := lr.Solve(context.Background(), c.p, landscape.Escaping{Method: m}, c.x, nil)
				if err != nil {
					t.Fatal(err)
				}
				if !res.Status.Converged() && res.Status != lr.Stalled {
					t.Errorf("ended with status %q after %d steps", res.Status, res.Iter)
				}
				cert := built(landscape.Certify(context.Background(), c.p, res.X, nil))(t)
				if cert.Verdict == landscape.NegativeCurvature || cert.Verdict == landscape.LargeGradient {
					t.Errorf("ended at a point of verdict %q, curvature %g", cert.Verdict, cert.Curvature.Value)
				}
				want := leastValue(t, c)
				if got := res.Trace.Last().Loss; math.Abs(got-want) > 1e-9*(1+want) {
					t.Errorf("ended at the value %.12g after %d steps; the global minimum is %.12g", got, res.Iter, want)
				}
			})
		}
	}
}

// leastValue is the global minimum: that at the truth, or of a factorisation that
// of the smallest singular values.
func leastValue(t *testing.T, c saddleCase) float64 {
	t.Helper()
	if strings.Contains(c.name, "sensing") || strings.Contains(c.name, "counterexample") {
		return 0
	}
	best := lr.NewPoint(c.p)
	for k, v := range []float64{3, 2} { // √9, √4
		best.U.Set(k, k, v)
		if best.V != nil {
			best.V.Set(k, k, v)
		}
	}
	return c.p.NewEval().Grad(nil, best)
}

// TestPlainMethodsStay shows what Escaping is for.
func TestPlainMethodsStay(t *testing.T) {
	c := strictSaddles(t)[0]
	res := built(lr.Solve(context.Background(), c.p, solver.GD{}, c.x, nil))(t)
	if !res.X.Equal(c.x) {
		t.Error("GD leaves an exact saddle by itself")
	}
}

// TestEscapingEndsAtSpuriousMinimum: where the landscape is not benign it ends at
// a second-order point that is not the optimum, and the certificate says so.
func TestEscapingEndsAtSpuriousMinimum(t *testing.T) {
	above := built(problem.Counterexample{Epsilon: 0.5}.New())(t)
	x0 := above.Instance.Spurious.Clone()
	x0.U.Set(0, 0, x0.U.At(0, 0)+0.02)
	res := built(lr.Solve(context.Background(), above, landscape.Escaping{Method: solver.GD{}}, x0, nil))(t)
	if loss := res.Trace.Last().Loss; math.Abs(loss-1.5) > 1e-9 {
		t.Errorf("it ends at the value %g; the spurious minimum has 1.5", loss)
	}
	cert := built(landscape.Certify(context.Background(), above, res.X, nil))(t)
	if cert.Verdict != landscape.SecondOrder {
		t.Errorf("the verdict is %q, want a second-order point", cert.Verdict)
	}
	below := built(problem.Counterexample{Epsilon: -0.5}.New())(t)
	res = built(lr.Solve(context.Background(), below, landscape.Escaping{Method: solver.GD{}}, below.Instance.Spurious, nil))(t)
	if e := res.Trace.Last().RelErr; !(e < 1e-6) {
		t.Errorf("below 0 the relative error is %g", e)
	}
}

// TestEscapingTrace: the first step from a saddle is the escape, whose length and
// evaluations are in the trace, and the value never rises after.
func TestEscapingTrace(t *testing.T) {
	c := strictSaddles(t)[0]
	res := built(lr.Solve(context.Background(), c.p, landscape.Escaping{Method: solver.GD{}}, c.x, nil))(t)
	e := built(landscape.Escape(context.Background(), c.p, c.x))(t)
	rows := res.Trace.Rows
	if rows[1].Step != e.Length || rows[1].Loss != e.After {
		t.Errorf("row 1 has a step of %g to %g; the escape is one of %g to %g", rows[1].Step, rows[1].Loss, e.Length, e.After)
	}
	for k := 1; k < len(rows); k++ {
		if rows[k].Loss > rows[k-1].Loss*(1+1e-12)+1e-20 {
			t.Errorf("row %d rises from %g to %g", k, rows[k-1].Loss, rows[k].Loss)
		}
	}
}

// TestEscapingLooks: a run that converges is looked at only a few times.
func TestEscapingLooks(t *testing.T) {
	p := built(problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 0.8, Seed: 5}.New())(t)
	x0 := built(initial.Random{Scale: 0.1, Seed: 1}.Point(p))(t)
	plain := built(lr.Start(p, solver.GD{}, x0, nil))(t)
	for plain.Next(context.Background()) {
	}
	st := built(landscape.Escaping{Method: solver.GD{}}.Start(p, x0))(t)
	bare := built(solver.GD{}.Start(p, x0))(t)
	looks, extra := 0, st.Info().Evals-bare.Info().Evals
	for range plain.Result().Iter {
		if st.Step(context.Background()) != nil || bare.Step(context.Background()) != nil {
			break
		}
		if now := st.Info().Evals - bare.Info().Evals; now > extra {
			looks, extra = looks+1, now
		}
	}
	if !st.Point().Equal(bare.Point()) {
		t.Error("without a saddle on its way it is not the method inside")
	}
	if looks < 1 || looks > 6 {
		t.Errorf("%d looks at a run that converges, want 1 to 6", looks)
	}
	if extra > looks*200 {
		t.Errorf("%d looks cost %d evaluations", looks, extra)
	}
}

// TestEscapingResumes: a run saved around its escape goes on to the same bits.
func TestEscapingResumes(t *testing.T) {
	c := strictSaddles(t)[4]
	m := landscape.Escaping{Method: solver.LBFGS{}}
	whole := built(lr.Solve(context.Background(), c.p, m, c.x, nil))(t)
	for at := range 4 {
		run := built(lr.Start(c.p, m, c.x, nil))(t)
		for range at + 1 {
			run.Next(context.Background())
		}
		var saved bytes.Buffer
		if err := run.Save(&saved); err != nil {
			t.Fatal(err)
		}
		again, err := lr.Resume(c.p, m, &saved, nil)
		if err != nil {
			t.Fatal(err)
		}
		for again.Next(context.Background()) {
		}
		if !again.Point().Equal(whole.X) || again.Trace().Last().Iter != whole.Iter {
			t.Errorf("resumed at %d it ends elsewhere, after %d steps instead of %d", at, again.Trace().Last().Iter, whole.Iter)
		}
	}
}

// TestEscapingCanceledInside: a look that is given up leaves the point, and the
// next step takes it up again.
func TestEscapingCanceledInside(t *testing.T) {
	c := strictSaddles(t)[0]
	m := landscape.Escaping{Method: solver.GD{}}
	want := built(m.Start(c.p, c.x))(t)
	st := built(m.Start(c.p, c.x))(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := st.Step(ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("a look under an ended context gives %v", err)
	}
	if !st.Point().Equal(c.x) {
		t.Error("the point was moved")
	}
	for range 3 {
		if err := st.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := want.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if !st.Point().Equal(want.Point()) {
		t.Error("after a look that was given up the steps are others")
	}
}

func TestEscapingRefuses(t *testing.T) {
	c := strictSaddles(t)[0]
	data := lr.NormalMatrix(lr.Stream(1, "data"), 8, 8)
	robust := built(problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.2}.New())(t)
	cases := map[string]struct {
		m    landscape.Escaping
		p    lr.Problem
		want error
	}{
		"no method":        {landscape.Escaping{}, c.p, lr.ErrEmpty},
		"Below of 1":       {landscape.Escaping{Method: solver.GD{}, Below: 1}, c.p, lr.ErrValue},
		"Again below 0":    {landscape.Escaping{Method: solver.GD{}, Again: -1}, c.p, lr.ErrValue},
		"Below NaN":        {landscape.Escaping{Method: solver.GD{}, Below: math.NaN()}, c.p, lr.ErrValue},
		"bad options":      {landscape.Escaping{Method: solver.GD{}, Options: landscape.Options{Products: 1}}, c.p, lr.ErrValue},
		"a splitter":       {landscape.Escaping{Method: solver.PCP{}}, robust, lr.ErrAbility},
		"the inner's word": {landscape.Escaping{Method: solver.GD{Step: -1}}, c.p, lr.ErrValue},
	}
	for name, k := range cases {
		if _, err := lr.Start(k.p, k.m, lr.NewPoint(k.p), nil); !errors.Is(err, k.want) {
			t.Errorf("%s: %v; want an error that wraps %v", name, err, k.want)
		}
	}
	if n := (landscape.Escaping{}).Name(); n == "" {
		t.Error("no name")
	}
	if n := (landscape.Escaping{Method: solver.GD{}, Below: 0.01, Again: 0.5}).Name(); !strings.Contains(n, "GD") || !strings.Contains(n, "below 0.01") || !strings.Contains(n, "again 0.5") {
		t.Errorf("the name is %q", n)
	}
}
