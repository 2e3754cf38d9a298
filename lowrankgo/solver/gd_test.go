package solver_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

type maker interface {
	New() (*problem.Quadratic, error)
}

func made(t testing.TB, m maker) *problem.Quadratic {
	t.Helper()
	p, err := m.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func balanced(t testing.TB, p lr.Problem, mu float64) lr.Problem {
	t.Helper()
	if mu == 0 {
		return p
	}
	b, err := problem.Balance{Of: p, Mu: mu}.New()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type starter interface {
	Point(p lr.Problem) (*lr.Factors, error)
}

func start(t testing.TB, s starter, p lr.Problem) *lr.Factors {
	t.Helper()
	x, err := s.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func solve(t testing.TB, p lr.Problem, m lr.Method, x0 *lr.Factors, o *lr.Options) *lr.Result {
	t.Helper()
	res, err := lr.Solve(context.Background(), p, m, x0, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// problems are instances that every rule must solve.
func problems(t testing.TB) map[string]lr.Problem {
	sensing := problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}
	mean, sym, symMean := sensing, sensing, sensing
	mean.Scale, symMean.Scale = problem.ScaleMean, problem.ScaleMean
	sym.D2, sym.Symmetric = 12, true
	symMean.D2, symMean.Symmetric = 12, true
	return map[string]lr.Problem{
		"sensing":                 made(t, sensing),
		"sensing, mean":           made(t, mean),
		"symmetric sensing":       made(t, sym),
		"symmetric sensing, mean": made(t, symMean),
		"balanced sensing":        balanced(t, made(t, mean), 0.5),
		"completion":              made(t, problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 1}),
		"symmetric completion":    made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true}),
	}
}

var starts = map[string]starter{
	"random":       initial.Random{Seed: 3},
	"small random": initial.Random{Scale: 0.01, Seed: 3},
	"spectral":     initial.Spectral{Seed: 3},
}

// TestSuite runs the conformance suite over every rule.
func TestSuite(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	sym := made(t, problem.RandomCompletion{D1: 30, Rank: 2, P: 0.5, Seed: 1, Symmetric: true})
	for _, m := range []solver.GD{{}, {Step: 2e-4}, {Rule: solver.RuleArmijo}, {Rule: solver.RuleArmijo, Step: 0.1}, {Rule: solver.RuleLipschitz, Step: 10}} {
		t.Run(m.Name(), func(t *testing.T) {
			t.Run("sensing", func(t *testing.T) { lowranktest.TestMethod(t, m, p, start(t, starts["random"], p)) })
			if m.Step == 2e-4 {
				m.Step = 2e-3 // the scale of the other problem
			}
			t.Run("completion", func(t *testing.T) { lowranktest.TestMethod(t, m, sym, start(t, starts["small random"], sym)) })
		})
	}
}

// TestDefaultsConverge is what a user who sets nothing gets: every problem,
// every start, both rules that find the step.
func TestDefaultsConverge(t *testing.T) {
	for pn, p := range problems(t) {
		for sn, s := range starts {
			for _, m := range []solver.GD{{}, {Rule: solver.RuleArmijo}} {
				t.Run(pn+"/"+sn+"/"+m.Name(), func(t *testing.T) {
					res := solve(t, p, m, start(t, s, p), nil)
					truth, _ := lr.TruthOf(p)
					if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > 1e-8 || res.Iter > 3000 {
						t.Errorf("%v after %d steps with relative error %g; want convergence within 3000 steps to 1e-8", res.Status, res.Iter, e)
					}
				})
			}
		}
	}
}

// A rule that searches never lets the objective rise; its steps are those that
// it promises.
func TestSearchedDecrease(t *testing.T) {
	shares := map[solver.Rule]float64{solver.RuleLipschitz: 0.5, solver.RuleArmijo: 1e-4}
	for rule, share := range shares {
		for name, p := range problems(t) {
			res := solve(t, p, solver.GD{Rule: rule}, start(t, starts["random"], p), &lr.Options{MaxIter: 200})
			rows := res.Trace.Rows
			for k := 1; k < len(rows); k++ {
				a, b := rows[k-1], rows[k]
				if want := a.Loss - share*b.Step*a.GradNorm*a.GradNorm; !(b.Loss <= want) {
					t.Errorf("%s, %v: step %d of length %g goes from %g to %g, want at most %g", name, rule, k, b.Step, a.Loss, b.Loss, want)
					break
				}
			}
		}
	}
}

// A fixed step is plain: x⁺ = x − t∇f(x), compared with two lines of the
// definition.
func TestFixedStep(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1})
	x := start(t, starts["random"], p)
	res := solve(t, p, solver.GD{Step: 1e-3}, x, &lr.Options{MaxIter: 10})
	g := lr.NewPoint(p)
	for range 10 {
		p.NewEval().Grad(g, x)
		x.AddScaled(-1e-3, g)
	}
	if !res.X.Equal(x) {
		t.Error("ten steps are not those of the definition")
	}
	if res.Evals != 11 || res.Trace.Last().Step != 1e-3 {
		t.Errorf("%d evaluations, last step %g; want 11 and 1e-3", res.Evals, res.Trace.Last().Step)
	}
}

// A step that is too long ends with the last finite point, not with NaN.
func TestDiverged(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	res, err := lr.Solve(context.Background(), p, solver.GD{Step: 1}, start(t, starts["random"], p), nil)
	if !errors.Is(err, lr.ErrDiverged) {
		t.Fatalf("the error is %v; want one that wraps ErrDiverged", err)
	}
	if !strings.Contains(err.Error(), "GD(step 1)") || !strings.Contains(err.Error(), "Sensing(") {
		t.Errorf("%q does not name the method and the problem", err)
	}
	if res.Status != lr.Diverged || !res.X.Finite() || res.Iter < 1 {
		t.Fatalf("%v after %d steps, finite %t; want diverged, some steps, a finite point", res.Status, res.Iter, res.X.Finite())
	}
	for _, r := range res.Trace.Rows {
		if math.IsNaN(r.Loss) || math.IsInf(r.Loss, 0) {
			t.Errorf("row %d has loss %v", r.Iter, r.Loss)
		}
	}
	if last := res.Trace.Last(); last.Loss != p.NewEval().Grad(nil, res.X) {
		t.Error("the last row does not describe the point that came back")
	}
}

// With noise no rule reaches a gradient of 0 exactly: the search ends when no
// length helps any more, which is a stall and not an error.
func TestStalls(t *testing.T) {
	op, err := operator.NewGaussian(6, 5, 60, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := lr.NormalMatrix(lr.Stream(1, "noise"), 1, 60).RawMatrix().Data
	p := made(t, problem.Sensing{Operator: op, B: b, Rank: 2})
	for _, rule := range []solver.Rule{solver.RuleLipschitz, solver.RuleArmijo} {
		res := solve(t, p, solver.GD{Rule: rule}, start(t, starts["random"], p), &lr.Options{Stop: lr.GradBelow(0), MaxIter: 20000})
		if res.Status != lr.Stalled || res.Trace.Last().GradNorm > 1e-4 {
			t.Errorf("%v: %v with gradient norm %g; want stalled near a critical point", rule, res.Status, res.Trace.Last().GradNorm)
		}
	}
}

// At a critical point nothing moves, whichever rule: zero is a saddle.
func TestCriticalStart(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 5, D2: 4, Rank: 2, M: 30, Seed: 1})
	for _, m := range []solver.GD{{}, {Rule: solver.RuleArmijo}, {Step: 1e-3}} {
		res := solve(t, p, m, lr.NewPoint(p), &lr.Options{Stop: lr.LossBelow(0), MaxIter: 5})
		if res.X.Norm() != 0 {
			t.Errorf("%s left a critical point", m.Name())
		}
		if m.Step == 0 && res.Status != lr.Stalled {
			t.Errorf("%s: %v, want stalled", m.Name(), res.Status)
		}
	}
}

// flawed has a finite value and a gradient that is not.
var flawed = lr.Funcs{
	D1: 2, D2: 2, Rank: 1,
	GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.U.Apply(func(int, int, float64) float64 { return math.NaN() }, dst.U)
		}
		return x.Norm()
	},
}

func TestGradientOfNaN(t *testing.T) {
	x0 := lr.NewFactors(2, 2, 1)
	x0.U.Set(0, 0, 1)
	for m, want := range map[solver.GD]error{
		{}:                        lr.ErrFailed,
		{Rule: solver.RuleArmijo}: lr.ErrFailed,
		{Step: 1}:                 lr.ErrDiverged,
	} {
		res, err := lr.Solve(context.Background(), flawed, m, x0, nil)
		if !errors.Is(err, want) {
			t.Errorf("%s: error %v, want one that wraps %q", m.Name(), err, want)
		}
		if res == nil || !res.X.Equal(x0) {
			t.Errorf("%s: the partial result is not the start", m.Name())
		}
	}
}

func TestNames(t *testing.T) {
	for want, g := range map[string]solver.GD{
		"GD(Lipschitz)":                 {},
		"GD(step 7e-06)":                {Step: 7e-6},
		"GD(Armijo)":                    {Rule: solver.RuleArmijo},
		"GD(Armijo, first step 0.5)":    {Rule: solver.RuleArmijo, Step: 0.5},
		"GD(Lipschitz, first step 0.1)": {Rule: solver.RuleLipschitz, Step: 0.1},
		"GD(step 0.25)":                 {Rule: solver.RuleFixed, Step: 0.25},
		"GD(unknown rule 9)":            {Rule: 9},
	} {
		if got := g.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 2, D2: 2, Rank: 1, M: 4})
	for _, c := range []struct {
		name string
		m    solver.GD
		says string
	}{
		{"negative step", solver.GD{Step: -1}, "Step = -1"},
		{"NaN step", solver.GD{Step: math.NaN()}, "Step = NaN"},
		{"infinite step", solver.GD{Step: math.Inf(1)}, "Step = +Inf"},
		{"fixed without step", solver.GD{Rule: solver.RuleFixed}, "needs a Step"},
		{"unknown rule", solver.GD{Rule: 9}, "Rule 9"},
		{"negative rule", solver.GD{Rule: -1, Step: 1}, "Rule -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := lr.Solve(context.Background(), p, c.m, lr.NewPoint(p), nil)
			if !errors.Is(err, lr.ErrValue) || res != nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("result %v, error %v; want none and one that wraps ErrValue and says %q", res, err, c.says)
			}
		})
	}
}

// An interpreted cell writes problems as functions: Example I.1 of [L] from
// beside its saddle.
func TestScalar(t *testing.T) {
	p := lr.Funcs{D1: 1, D2: 1, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 {
		u, v := x.U.At(0, 0), x.V.At(0, 0)
		if dst != nil {
			dst.U.Set(0, 0, -(1-u*v)*v)
			dst.V.Set(0, 0, -(1-u*v)*u)
		}
		return (1 - u*v) * (1 - u*v) / 2
	}}
	x0 := &lr.Factors{U: mat.NewDense(1, 1, []float64{1e-3}), V: mat.NewDense(1, 1, []float64{0})}
	res := solve(t, p, solver.GD{}, x0, nil)
	if m := res.X.At(0, 0); !res.Status.Converged() || math.Abs(m-1) > 1e-9 {
		t.Errorf("%v at uv = %.12g, want converged at 1", res.Status, m)
	}
}
