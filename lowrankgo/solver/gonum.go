package solver

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Gonum runs a method of gonum/optimize that goes along directions, as a
// reference for tests and for users who know them:
//
//	solver.Gonum{Method: &optimize.LBFGS{}}
//	solver.Gonum{Method: &optimize.CG{Variant: &optimize.HagerZhang{}}}
//
// GradientDescent, CG, BFGS and LBFGS run, with their own fields and defaults,
// each step one of gonum's major iterations. GradStopThreshold is not read:
// the run's rules say when to stop. The method is copied, so that one value may
// start many runs at once.
//
// Its limits: it has no checkpoint, for gonum's methods do not show their
// state; a step allocates; near a minimum gonum's line searches fail where
// values no longer tell, which ends the run as stalled, mostly at a gradient
// of 10⁻⁸ of the first unless the least value is 0; and BFGS stores a matrix of
// ((d1+d2)·r)² numbers. A step in the trace is ‖x⁺ − x‖. [LBFGS] and
// [ConjugateGradient] have none of these limits.
//
// A step costs the evaluations that its line search asks for.
type Gonum struct {
	Method optimize.Method // *optimize.GradientDescent, *CG, *BFGS or *LBFGS
}

// Name prints the method's parts.
func (g Gonum) Name() string {
	parts, err := g.parts()
	if err != nil {
		return fmt.Sprintf("Gonum(%s)", typeName(g.Method))
	}
	return fmt.Sprintf("Gonum(%s)", strings.Join(parts.text, ", "))
}

// Start evaluates p at x0. A Method that is not one of the four, or whose
// fields gonum refuses, is an error.
func (g Gonum) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	parts, err := g.parts()
	if err != nil {
		return nil, err
	}
	s := &gonumState{
		eval: p.NewEval(), x: x0.Clone(), taken: math.NaN(),
		method: optimize.LinesearchMethod{NextDirectioner: parts.direction, Linesearcher: parts.search},
	}
	s.loc.X, s.at = flatPoint(p)
	s.loc.Gradient, s.grad = flatPoint(p)
	s.at.CopyFrom(x0)
	s.evaluate(optimize.FuncEvaluation | optimize.GradEvaluation)
	s.loss, s.norm = s.loc.F, s.grad.Norm()
	return s, nil
}

// flatPoint returns a zero point of p's shape and the one slice it lies in.
func flatPoint(p lr.Problem) ([]float64, *lr.Factors) {
	d1, d2, r := p.Dims()
	if lr.SymmetricOf(p) {
		data := make([]float64, d1*r)
		return data, &lr.Factors{U: mat.NewDense(d1, r, data)}
	}
	data := make([]float64, (d1+d2)*r)
	return data, &lr.Factors{U: mat.NewDense(d1, r, data[:d1*r]), V: mat.NewDense(d2, r, data[d1*r:])}
}

type gonumState struct {
	eval   lr.Evaluator
	method optimize.LinesearchMethod

	loc      optimize.Location  // where gonum is looking
	at, grad *lr.Factors        // its X and Gradient
	asked    optimize.Operation // what gonum waits for; 0 before the first step
	ended    error

	x                 *lr.Factors // the point
	loss, norm, taken float64
	evals             int
}

func (s *gonumState) Point() *lr.Factors { return s.x }

func (s *gonumState) Info() lr.Info {
	return lr.Info{Loss: s.loss, GradNorm: s.norm, Step: s.taken, Evals: s.evals}
}

func (s *gonumState) evaluate(op optimize.Operation) {
	s.evals++
	if op&optimize.GradEvaluation != 0 {
		s.loc.F = s.eval.Grad(s.grad, s.at)
	} else {
		s.loc.F = s.eval.Grad(nil, s.at)
	}
}

// mostAsked bounds the evaluations of a step.
const mostAsked = 200

// Step runs gonum to its next major iteration. When gonum's line search fails
// it is ErrNoProgress.
func (s *gonumState) Step(ctx context.Context) error {
	switch {
	case s.ended != nil:
		return s.ended
	case s.norm == 0:
		return lr.ErrNoProgress
	case !finite(s.norm):
		return errGradient
	}
	for range mostAsked {
		if err := ctx.Err(); err != nil {
			return err
		}
		op, err := s.advance()
		if err != nil {
			s.ended = fmt.Errorf("solver: gonum says %q: %w", err, lr.ErrNoProgress)
			return s.ended
		}
		if s.asked = op; op == optimize.MajorIteration {
			s.take()
			return nil
		}
	}
	s.ended = lr.ErrNoProgress
	return s.ended
}

// advance does what gonum asked for and hears what it wants next.
func (s *gonumState) advance() (optimize.Operation, error) {
	switch s.asked {
	case optimize.NoOperation:
		return s.method.Init(&s.loc)
	case optimize.MajorIteration:
	default:
		s.evaluate(s.asked)
	}
	return s.method.Iterate(&s.loc)
}

func (s *gonumState) take() {
	s.x.AddScaled(-1, s.at)
	s.taken = s.x.Norm()
	s.x.CopyFrom(s.at)
	s.loss, s.norm = s.loc.F, s.grad.Norm()
}

// gonumParts is a method taken apart.
type gonumParts struct {
	direction optimize.NextDirectioner
	search    optimize.Linesearcher
	text      []string
}

// parts copies the method and fills in the defaults that gonum's own loop
// would.
func (g Gonum) parts() (gonumParts, error) {
	switch m := fresh(reflect.ValueOf(g.Method)).(type) {
	case *optimize.GradientDescent:
		fill[optimize.Linesearcher](&m.Linesearcher, &optimize.Backtracking{})
		fill[optimize.StepSizer](&m.StepSizer, &optimize.QuadraticStepSize{})
		return gonumParts{m, m.Linesearcher, typeNames(m, m.Linesearcher)}, nil
	case *optimize.CG:
		fill[optimize.Linesearcher](&m.Linesearcher, &optimize.MoreThuente{CurvatureFactor: 0.1})
		fill[optimize.CGVariant](&m.Variant, &optimize.HestenesStiefel{})
		fill[optimize.StepSizer](&m.InitialStep, &optimize.FirstOrderStepSize{})
		fill(&m.IterationRestartFactor, 6)
		fill(&m.AngleRestartThreshold, -0.9)
		if f, a := m.IterationRestartFactor, m.AngleRestartThreshold; !(f > 0) || !(a >= -1 && a <= 0) {
			return gonumParts{}, fmt.Errorf("solver: Gonum has a CG with IterationRestartFactor %v and AngleRestartThreshold %v; a positive number and one in [−1, 0] are wanted: %w", f, a, lr.ErrValue)
		}
		return gonumParts{m, m.Linesearcher, typeNames(m, m.Variant, m.Linesearcher)}, nil
	case *optimize.BFGS:
		fill[optimize.Linesearcher](&m.Linesearcher, &optimize.Bisection{})
		return gonumParts{m, m.Linesearcher, typeNames(m, m.Linesearcher)}, nil
	case *optimize.LBFGS:
		fill[optimize.Linesearcher](&m.Linesearcher, &optimize.Bisection{})
		fill(&m.Store, 15)
		if m.Store < 1 {
			return gonumParts{}, fmt.Errorf("solver: Gonum has an LBFGS with Store %d; a number of pairs from 1 on is wanted: %w", m.Store, lr.ErrValue)
		}
		return gonumParts{m, m.Linesearcher, append(typeNames(m, m.Linesearcher), fmt.Sprintf("store %d", m.Store))}, nil
	}
	what := fmt.Sprintf("%T", g.Method)
	if v := reflect.ValueOf(g.Method); v.Kind() == reflect.Pointer && v.IsNil() {
		what = "a nil " + what
	}
	return gonumParts{}, fmt.Errorf("solver: Gonum has %s as its Method; a pointer to one of gonum/optimize's GradientDescent, CG, BFGS and LBFGS is wanted: %w", what, lr.ErrValue)
}

// fill sets what is zero to its default.
func fill[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// fresh copies what a pointer to a struct shows, its exported fields, and what
// these point to in turn; the rest is working state. It returns nil for
// anything else.
func fresh(v reflect.Value) any {
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	out := reflect.New(v.Elem().Type())
	for i := range v.Elem().NumField() {
		field := v.Elem().Field(i)
		if !v.Elem().Type().Field(i).IsExported() {
			continue
		}
		if part := fresh(inside(field)); part != nil {
			field = reflect.ValueOf(part)
		}
		out.Elem().Field(i).Set(field)
	}
	return out.Interface()
}

// inside is what an interface holds.
func inside(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func typeNames(parts ...any) []string {
	var text []string
	for _, p := range parts {
		text = append(text, typeName(p))
	}
	return text
}

// typeName is the type without its package.
func typeName(v any) string {
	name := fmt.Sprintf("%T", v)
	return name[strings.LastIndex(name, ".")+1:]
}
