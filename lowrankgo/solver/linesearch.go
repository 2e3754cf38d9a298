package solver

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// decrease is the share of the first-order decrease that a length must reach.
const decrease = 1e-4

// mostTrials bounds a line search: past it the bracket is below rounding.
const mostTrials = 60

// bracket is what a line search knows of φ(t) = f(x + t·d): lengths lo < hi
// with a good one between. At lo φ is low enough and falls too steeply; at hi
// it is too high, or rises.
type bracket struct {
	lo, loSlope   float64
	hi, hiSlope   float64 // hi is +Inf until there is one
	hiFinite      bool    // so is φ(hi)
	was, wasSlope float64 // lo before this one
	halve         bool    // the last trial narrowed too little
}

// wolfe tries lengths from t on along d, where φ'(0) = slope < 0, until the
// strong Wolfe conditions hold,
//
//	φ(t) ≤ φ(0) + 10⁻⁴·t·φ'(0),  |φ'(t)| ≤ curvature·|φ'(0)|,
//
// the first up to the rounding error of the values, so that slopes lead on
// where values no longer tell (the idea of Hager & Zhang 2005, SIAM J. Optim.
// 16:170). It returns t, φ(t) and φ'(t), and the next point is that one. A
// search without end is ErrNoProgress.
func (w *walk) wolfe(ctx context.Context, d *lr.Factors, slope, t, curvature float64) (length, loss, newSlope float64, err error) {
	b := bracket{loSlope: slope, hi: math.Inf(1)}
	size, long := w.x.Norm(), d.Norm()
	for trial := 1; trial <= mostTrials; trial++ {
		if err := ctx.Err(); err != nil {
			return 0, 0, 0, err
		}
		if vanishes(t*long, size) || !finite(t) {
			break
		}
		loss, newSlope = w.try(t, d), w.nextGrad.Dot(d)
		low := loss <= w.loss+float64(decrease*t*slope)+float64(noise*math.Abs(w.loss))
		if math.IsInf(loss, -1) { // the run sees that it diverges
			return t, loss, newSlope, nil
		}
		if low && !finite(newSlope) {
			return 0, 0, 0, errGradient
		}
		if low && math.Abs(newSlope) <= -curvature*slope {
			return t, loss, newSlope, nil
		}
		b.take(t, loss, newSlope, low)
		if trial == mostTrials && math.IsInf(b.hi, 1) { // downhill as far as it looked
			return t, loss, newSlope, nil
		}
		t = b.next()
	}
	return 0, 0, 0, lr.ErrNoProgress
}

// take narrows the bracket by the trial t.
func (b *bracket) take(t, loss, slope float64, low bool) {
	width := b.hi - b.lo
	if low && slope < 0 {
		b.was, b.wasSlope = b.lo, b.loSlope
		b.lo, b.loSlope = t, slope
	} else {
		b.hi, b.hiSlope, b.hiFinite = t, slope, finite(loss)
	}
	b.halve = b.hi-b.lo > 0.66*width
}

// next returns the length to try: where the secant of the last two slopes is
// 0, kept away from the ends, or the middle.
func (b *bracket) next() float64 {
	width := b.hi - b.lo
	switch {
	case math.IsInf(b.hi, 1): // outwards
		t := zeroOf(b.was, b.wasSlope, b.lo, b.loSlope)
		if !(t > b.lo) {
			t = math.Inf(1)
		}
		return math.Min(math.Max(t, 1.2*b.lo), 10*b.lo)
	case !b.hiFinite:
		return b.lo + float64(0.1*width)
	case b.halve || !(b.hiSlope > 0):
		return b.lo + float64(0.5*width)
	}
	t := zeroOf(b.lo, b.loSlope, b.hi, b.hiSlope)
	return math.Min(math.Max(t, b.lo+float64(0.1*width)), b.hi-float64(0.1*width))
}

// zeroOf is where the line through (a, fa) and (b, fb) is 0.
func zeroOf(a, fa, b, fb float64) float64 { return a - float64(fa*(b-a)/(fb-fa)) }

// heading is a walk with the direction of its next step.
type heading struct {
	walk
	dir      *lr.Factors
	slope    float64 // ⟨∇f(x), dir⟩ < 0
	trial    float64 // the first length to try
	steepest bool    // dir is −∇f(x)
	watch    watch
}

func newHeading(p lr.Problem, x0 *lr.Factors) heading {
	h := heading{walk: newWalk(p, x0), dir: lr.NewPoint(p)}
	h.watch = newWatch(&h.walk)
	h.restart()
	return h
}

func (h *heading) saved() []any {
	state := append(h.walk.saved(), h.dir, &h.slope, &h.trial, &h.steepest)
	return append(state, h.watch.saved()...)
}

// restart turns to −∇f(x), at the cost of an evaluation for the first length.
func (h *heading) restart() {
	h.aim(-1, h.grad)
	h.steepest = true
	h.trial = h.firstStep()
}

// aim sets dir = c·d.
func (h *heading) aim(c float64, d *lr.Factors) {
	h.dir.CopyFrom(d)
	h.dir.Scale(c)
	h.slope = h.grad.Dot(h.dir)
	h.steepest = false
}

// descends reports whether dir goes down by more than rounding.
func (h *heading) descends() bool { return h.slope < -1e-12*h.norm*h.dir.Norm() }

// move goes along dir to a point with the Wolfe conditions and returns the
// slope there. When there is none it tries −∇f(x), and then gives up.
func (h *heading) move(ctx context.Context, curvature float64) (float64, error) {
	if err := h.ready(); err != nil {
		return 0, err
	}
	if h.watch.idle >= patience {
		return 0, lr.ErrNoProgress
	}
	t, loss, slope, err := h.wolfe(ctx, h.dir, h.slope, h.trial, curvature)
	if err == lr.ErrNoProgress && !h.steepest {
		h.restart()
		t, loss, slope, err = h.wolfe(ctx, h.dir, h.slope, h.trial, curvature)
	}
	if err != nil {
		return 0, err
	}
	h.accept(loss, t)
	h.watch.see(&h.walk)
	return slope, nil
}
