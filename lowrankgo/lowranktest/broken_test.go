package lowranktest_test

import (
	"context"
	"os"
	"os/exec"
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

// A suite that finds nothing is worth nothing. Each case here breaks one rule,
// and the suite, run in a process of its own, must say which.

const brokenCase = "LOWRANKTEST_BROKEN_CASE"

var broken = map[string]struct {
	rule string // the subtest that must fail
	run  func(t *testing.T)
}{
	"operator that forgets b":     {"definition", brokenOperator(func(e *badEval) { e.forgetB = true })},
	"operator with a wrong 𝒜*":    {"adjoint", brokenOperator(func(e *badEval) { e.factor = 1.001 })},
	"operator that keeps dst":     {"accumulate", brokenOperator(func(e *badEval) { e.keepDst = true })},
	"operator that allocates":     {"allocations", brokenOperator(func(e *badEval) { e.allocate = true })},
	"operator that scales x":      {"inputs", brokenOperator(func(e *badEval) { e.scaleX = true })},
	"problem with a wrong ∇f":     {"gradient", brokenProblem(func(b *badProblem) { b.factor = 1.01 })},
	"problem with a wrong ∇²f":    {"hessian", brokenProblem(func(b *badProblem) { b.hessFactor = 0.99 })},
	"problem that does not turn":  {"gauge", brokenProblem(func(b *badProblem) { b.skew = true })},
	"problem with a stale point":  {"moving", brokenProblem(func(b *badProblem) { b.stale = true })},
	"problem that adds to dst":    {"value", brokenProblem(func(b *badProblem) { b.add = true })},
	"problem with a strange ∇f M": {"matrix_gradient", brokenProblem(func(b *badProblem) { b.factor = 2 })},
	"method that writes to x0":    {"x0", brokenMethod(func(m *badMethod) { m.writeX0 = true })},
	"method with a late loss":     {"info", brokenMethod(func(m *badMethod) { m.late = true })},
	"method that stands still":    {"converges", brokenMethod(func(m *badMethod) { m.still = true })},
	"method that allocates":       {"allocations", brokenMethod(func(m *badMethod) { m.allocate = true })},
	"method that leaks":           {"goroutines", brokenMethod(func(m *badMethod) { m.leak = true })},
}

func TestBrokenImplementationsFail(t *testing.T) {
	if name := os.Getenv(brokenCase); name != "" {
		broken[name].run(t)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(self, "-test.run=^TestBrokenImplementationsFail$", "-test.v")
			cmd.Env = append(os.Environ(), brokenCase+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("the suite passed")
			}
			if want := "--- FAIL: TestBrokenImplementationsFail/" + c.rule + " "; !strings.Contains(string(out), want) || !strings.Contains(string(out), "the rule: ") {
				t.Fatalf("the suite failed, but not with %q and its rule:\n%s", want, out)
			}
		})
	}
}

func good(t *testing.T) *problem.Quadratic {
	p, err := problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 60, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// badEval is a dense operator's evaluator with a fault.
type badEval struct {
	lr.OperatorEval
	forgetB, keepDst, allocate, scaleX bool
	factor                             float64
	sink                               []float64
}

type badOperator struct {
	lr.Operator
	fault func(*badEval)
}

func (o badOperator) NewEval() lr.OperatorEval {
	e := &badEval{OperatorEval: o.Operator.NewEval(), factor: 1}
	o.fault(e)
	return e
}

func brokenOperator(fault func(*badEval)) func(t *testing.T) {
	return func(t *testing.T) {
		op, err := operator.NewGaussian(6, 5, 12, 1)
		if err != nil {
			t.Fatal(err)
		}
		lowranktest.TestOperator(t, badOperator{op, fault}, nil)
	}
}

func (e *badEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	if e.forgetB {
		b = nil
	}
	if e.allocate {
		e.sink = make([]float64, len(dst))
	}
	e.OperatorEval.Apply(dst, x, y, b)
	if e.scaleX {
		x.Scale(2, x)
	}
}

func (e *badEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	if e.keepDst && c == 0 {
		c = 1e-3
	}
	e.OperatorEval.Mul(dst, c, trans, z)
	if e.factor != 1 {
		dst.Scale(e.factor, dst)
	}
}

// badProblem is a sensing problem with a fault.
type badProblem struct {
	*problem.Quadratic
	factor, hessFactor float64
	skew, stale, add   bool
}

type badProblemEval struct {
	badProblem
	hess lr.HessVec
	mul  lr.MulGrad
	last *lr.Factors
}

func brokenProblem(fault func(*badProblem)) func(t *testing.T) {
	return func(t *testing.T) {
		b := badProblem{Quadratic: good(t), factor: 1, hessFactor: 1}
		fault(&b)
		lowranktest.TestProblem(t, b)
	}
}

func (b badProblem) NewEval() lr.Evaluator {
	h, _ := lr.HessVecOf(b.Quadratic)
	m, _ := lr.MulGradOf(b.Quadratic)
	return &badProblemEval{badProblem: b, hess: h, mul: m}
}

func (e *badProblemEval) Grad(dst, x *lr.Factors) float64 {
	if e.stale {
		if e.last == nil {
			e.last = x.Clone()
		}
		x = e.last
	}
	var held *lr.Factors
	if e.add && dst != nil {
		held = dst.Clone()
	}
	v := e.hess.Grad(dst, x)
	if e.skew {
		v += x.U.At(0, 0)
	}
	if dst != nil {
		dst.Scale(e.factor)
		if held != nil {
			dst.AddScaled(1, held)
		}
	}
	return v
}

func (e *badProblemEval) HessVec(dst, x, d *lr.Factors) {
	e.hess.HessVec(dst, x, d)
	dst.Scale(e.hessFactor)
}

func (e *badProblemEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.mul.MulGrad(dst, trans, x, z)
}

// badMethod is gradient descent with a fault.
type badMethod struct {
	solver.GD
	writeX0, late, still, allocate, leak bool
}

type badStepper struct {
	lr.Stepper
	badMethod
	x0   *lr.Factors
	info lr.Info
	sink []float64
}

func brokenMethod(fault func(*badMethod)) func(t *testing.T) {
	return func(t *testing.T) {
		var m badMethod
		fault(&m)
		p := good(t)
		x0, err := initial.Random{Seed: 2}.Point(p)
		if err != nil {
			t.Fatal(err)
		}
		lowranktest.TestMethod(t, m, p, x0)
	}
}

func (m badMethod) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := m.GD.Start(p, x0)
	if m.leak {
		go func() { select {} }()
	}
	return &badStepper{Stepper: s, badMethod: m, x0: x0}, err
}

func (s *badStepper) Step(ctx context.Context) error {
	if s.still {
		return lr.ErrNoProgress
	}
	if s.writeX0 {
		s.x0.U.Set(0, 0, 0)
	}
	if s.allocate {
		s.sink = make([]float64, 10)
	}
	s.info = s.Stepper.Info()
	return s.Stepper.Step(ctx)
}

func (s *badStepper) Info() lr.Info {
	if s.late && s.info.Evals > 0 {
		return s.info
	}
	return s.Stepper.Info()
}
