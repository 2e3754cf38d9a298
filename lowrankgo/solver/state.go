package solver

import (
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// noise is how far two values of an objective may lie apart, relative to their
// size, and still be equal as far as rounding lets one see.
const noise = 1e-13

// indistinct reports whether two values of an objective are equal as far as
// rounding lets one see.
func indistinct(a, b float64) bool { return math.Abs(a-b) <= noise*math.Abs(b) }

// patience is how many steps in a row may fail to lower both the least value
// and the least gradient norm seen before a method that goes by gradients
// below the noise of the values calls it no progress.
const patience = 100

var errGradient = errors.New("solver: the gradient is not finite where the objective is")

// walk is a point with its value and gradient, and room for the next: what
// the states of all methods that move along directions have in common.
type walk struct {
	eval           lr.Evaluator
	x, nextX       *lr.Factors
	grad, nextGrad *lr.Factors
	loss, norm     float64 // value and gradient norm at x
	taken          float64 // length of the step that led to x
	evals          int
}

func newWalk(p lr.Problem, x0 *lr.Factors) walk {
	w := walk{eval: p.NewEval(), taken: math.NaN(), evals: 1}
	w.x, w.grad = x0.Clone(), lr.NewPoint(p)
	w.nextX, w.nextGrad = x0.Clone(), lr.NewPoint(p)
	w.loss = w.eval.Grad(w.grad, w.x)
	w.norm = w.grad.Norm()
	return w
}

func (w *walk) Point() *lr.Factors { return w.x }

func (w *walk) Info() lr.Info {
	return lr.Info{Loss: w.loss, GradNorm: w.norm, Step: w.taken, Evals: w.evals}
}

// saved is the walk's share of State: the next point is only room.
func (w *walk) saved() []any {
	return []any{w.x, w.grad, &w.loss, &w.norm, &w.taken, &w.evals}
}

// try moves the next point to x + t·d and evaluates there.
func (w *walk) try(t float64, d *lr.Factors) float64 { return w.tryFrom(w.x, t, d) }

func (w *walk) tryFrom(from *lr.Factors, t float64, d *lr.Factors) float64 {
	w.nextX.CopyFrom(from)
	w.nextX.AddScaled(t, d)
	w.evals++
	return w.eval.Grad(w.nextGrad, w.nextX)
}

// accept makes the next point, which has the value loss, the point.
func (w *walk) accept(loss, t float64) {
	w.x, w.nextX = w.nextX, w.x
	w.grad, w.nextGrad = w.nextGrad, w.grad
	w.loss, w.norm, w.taken = loss, w.grad.Norm(), t
}

// ready returns ErrNoProgress at a critical point, and an error where the
// gradient is not finite.
func (w *walk) ready() error {
	switch {
	case w.norm == 0:
		return lr.ErrNoProgress
	case !finite(w.norm):
		return errGradient
	}
	return nil
}

// firstStep guesses 1/L from how much the gradient changes over a small step
// against it. At a critical point it is 1.
func (w *walk) firstStep() float64 {
	if w.norm == 0 || !finite(w.norm) {
		return 1
	}
	h := 1e-4 * math.Max(w.x.Norm(), 1e-4) / w.norm
	w.try(-h, w.grad)
	w.nextGrad.AddScaled(-1, w.grad)
	if change := w.nextGrad.Norm(); change > 0 && !math.IsInf(change, 0) {
		return h * w.norm / change
	}
	return h
}

// vanishes reports whether a step of this length from a point of this size is
// lost to rounding.
func vanishes(length, size float64) bool { return length <= 1e-16*size || length == 0 }

// watch counts the steps since the value or the gradient norm was last the
// least seen.
type watch struct {
	loss, norm float64
	idle       int
}

func newWatch(w *walk) watch { return watch{loss: w.loss, norm: w.norm} }

// see takes the point of w into account.
func (b *watch) see(w *walk) {
	b.idle++
	if w.loss < b.loss {
		b.loss, b.idle = w.loss, 0
	}
	if w.norm < b.norm {
		b.norm, b.idle = w.norm, 0
	}
}

func (b *watch) saved() []any { return []any{&b.loss, &b.norm, &b.idle} }

func finite(v float64) bool { return v-v == 0 }

// checkNumber returns an error unless v is 0, for the default, or a positive
// finite number below limit.
func checkNumber(method, field string, v, limit float64) error {
	if v == 0 || v > 0 && v < limit && finite(v) {
		return nil
	}
	wanted := "a positive finite number"
	if finite(limit) {
		wanted = fmt.Sprintf("a number between 0 and %g", limit)
	}
	return fmt.Errorf("solver: %s has %s = %v; %s is wanted, or 0 for the default: %w", method, field, v, wanted, lr.ErrValue)
}
