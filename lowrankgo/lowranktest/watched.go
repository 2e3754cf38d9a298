package lowranktest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// watched is a problem that calls seen before each evaluation of any kind. It
// has the abilities of the problem inside.
type watched struct {
	lr.Problem
	seen func()
}

func (w watched) String() string  { return fmt.Sprint(w.Problem) }
func (w watched) Symmetric() bool { return lr.SymmetricOf(w.Problem) }

func (w watched) Truth() *lr.Factors {
	x, _ := lr.TruthOf(w.Problem)
	return x
}

func (w watched) LeastSquares() *lr.LeastSquares {
	l, ok := lr.LeastSquaresOf(w.Problem)
	if !ok {
		return nil
	}
	slow := *l
	slow.Operator = watchedOperator{l.Operator, w.seen}
	return &slow
}

func (w watched) Parts() []lr.Problem {
	parts, _ := lr.PartsOf(w.Problem)
	out := make([]lr.Problem, len(parts))
	for j, p := range parts {
		out[j] = watched{p, w.seen}
	}
	return out
}

func (w watched) Split() *lr.Split {
	split, _ := lr.SplitOf(w.Problem)
	return split
}

func (w watched) NewEval() lr.Evaluator {
	e := watchedEval{Evaluator: w.Problem.NewEval(), seen: w.seen}
	e.hess, _ = e.Evaluator.(lr.HessVec)
	e.mul, _ = e.Evaluator.(lr.MulGrad)
	e.some, _ = e.Evaluator.(lr.Batches)
	e.rest, _ = e.Evaluator.(lr.SparsePart)
	return &e
}

type watchedEval struct {
	lr.Evaluator
	hess lr.HessVec
	mul  lr.MulGrad
	some lr.Batches
	rest lr.SparsePart
	seen func()
}

func (e *watchedEval) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityHessVec:
		return e.hess != nil && lr.Has(e.Evaluator, a)
	case lr.AbilityMulGrad:
		return e.mul != nil && lr.Has(e.Evaluator, a)
	case lr.AbilityBatches:
		return e.some != nil && lr.Has(e.Evaluator, a)
	case lr.AbilitySparsePart:
		return e.rest != nil && lr.Has(e.Evaluator, a)
	}
	return false
}

func (e *watchedEval) Grad(dst, x *lr.Factors) float64 {
	e.seen()
	return e.Evaluator.Grad(dst, x)
}

func (e *watchedEval) HessVec(dst, x, d *lr.Factors) {
	e.seen()
	e.hess.HessVec(dst, x, d)
}

func (e *watchedEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.seen()
	e.mul.MulGrad(dst, trans, x, z)
}

func (e *watchedEval) Terms() int { return e.some.Terms() }

func (e *watchedEval) GradBatch(dst, x *lr.Factors, terms []int) {
	e.seen()
	e.some.GradBatch(dst, x, terms)
}

func (e *watchedEval) SparsePart(x *lr.Factors) *lr.Sparse {
	e.seen()
	return e.rest.SparsePart(x)
}

func (e *watchedEval) Overfull(x *lr.Factors) float64 {
	e.seen()
	return e.rest.Overfull(x)
}

// watchedOperator is the operator of a watched problem's least-squares form.
type watchedOperator struct {
	lr.Operator
	seen func()
}

func (o watchedOperator) Pattern() *lr.Pattern {
	p, _ := lr.PatternOf(o.Operator)
	return p
}

func (o watchedOperator) NewEval() lr.OperatorEval {
	return watchedOperatorEval{o.Operator.NewEval(), o.seen}
}

type watchedOperatorEval struct {
	lr.OperatorEval
	seen func()
}

func (e watchedOperatorEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	e.seen()
	e.OperatorEval.Apply(dst, x, y, b)
}

func (e watchedOperatorEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.seen()
	e.OperatorEval.ApplyAdjoint(dst, x, y, b)
}

func (e watchedOperatorEval) Adjoint(w []float64) {
	e.seen()
	e.OperatorEval.Adjoint(w)
}

// How the rule "canceled soon" makes a step long: each evaluation after the
// context has ended takes slowness, so that a step which goes on regardless
// is seen, on an instance of any size.
const (
	slowness = 5 * time.Millisecond
	soon     = 100 * time.Millisecond
)

// canceledSoon ends the context at the first evaluation within a step.
func (s methodSuite) canceledSoon(t *testing.T) {
	k := min(2, s.few(t)-1)
	var took time.Duration
	for range 3 { // a busy machine may be late
		res, late := s.cancelWithin(t, k)
		if res == nil {
			return // a step that evaluates nothing
		}
		if res.Status != lr.Canceled {
			t.Errorf("status %q, want canceled", res.Status)
		}
		if want := s.solve(t, &lr.Options{MaxIter: max(res.Iter, 1), Stop: never}); res.Iter > 0 && !res.X.Equal(want.X) {
			t.Errorf("the partial result is not the point of step %d", res.Iter)
		}
		if took = late; took <= soon {
			return
		}
	}
	t.Errorf("the run ends %v after its context, when an evaluation takes %v; want %v: a step of many evaluations must ask its context between them", took, slowness, soon)
}

func (s methodSuite) cancelWithin(t *testing.T, k int) (*lr.Result, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var armed, fired atomic.Bool
	var end time.Time
	p := watched{s.p, func() {
		if !armed.Load() {
			return
		}
		if fired.CompareAndSwap(false, true) {
			end = time.Now()
			cancel()
		}
		time.Sleep(slowness)
	}}
	r, err := lr.Start(p, s.m, s.x0, &lr.Options{MaxIter: k + 3, Stop: never})
	if err != nil {
		t.Fatalf("Start on the same problem, wrapped: %v", err)
	}
	for range k + 1 {
		r.Next(ctx)
	}
	armed.Store(true)
	for r.Next(ctx) {
	}
	if !fired.Load() {
		return nil, 0
	}
	return r.Result(), time.Since(end)
}
