package landscape

import (
	"context"
	"errors"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Escaped is what a step along a direction of negative curvature achieved,
//
//	Point = x + Length·Direction
type Escaped struct {
	Point     *lr.Factors
	Direction *lr.Factors // v, of length 1
	Curvature float64     // ⟨v, ∇²g(x) v⟩ < 0
	Slope     float64     // ⟨∇g(x), v⟩ ≤ 0
	Length    float64     // t > 0

	Before, After float64 // g(x) and g(Point)
	Decrease      float64 // Before − After
	// Predicted is the decrease of second order, −Slope·t + |Curvature|·t²/2. For
	// short steps Decrease is all of it; it is never less than a quarter.
	Predicted float64
	// Evals counts evaluations of value or gradient that it took to find the
	// direction and the step, a Hessian product as two.
	Evals int
}

func (e *Escaped) String() string {
	return fmt.Sprintf("escape along curvature %.4g, slope %.4g: a step of %.4g takes the value from %.6g to %.6g (%.4g of the predicted %.4g)",
		e.Curvature, e.Slope, e.Length, e.Before, e.After, e.Decrease/e.Predicted, e.Predicted)
}

// Escape takes a step from x in a direction v of negative curvature,
//
//	g(x + tv) ≤ g(x) − ¼(t·|⟨∇g, v⟩| + ½t²·|⟨v, ∇²g v⟩|)
//
// which exists at every strict saddle and leads away from it, whatever the
// gradient there ([G] Def 2; Carmon, Duchi, Hinder, Sidford 2016,
// arXiv:1611.00756). v is found as [Certify] finds it, with the same Options, of
// which at most one set may be given. Its sign is that of descent, or where the
// slope is exactly 0 the better of the two. t begins at a tenth of the natural
// length of the problem's points; it is halved until the inequality holds, or
// doubled for as long as the value falls and it holds. x is only read.
//
// For a problem that has a majoriser at x, as robust PCA, v is that of the
// majoriser, and the decrease is that of the objective itself, which falls by at
// least as much (Def 5).
//
// Where no curvature is below −γ, or the decrease would be lost to rounding, the
// error wraps [lowrankgo.ErrNoProgress] and says what was found. A problem or
// point that does not fit and a function that is not finite are errors. It looks
// at ctx before each evaluation, and returns an error that wraps
// [lowrankgo.ErrCanceled] when that ends. Cost: at most Options.Products Hessian
// products, some 25 gradients and a few values.
func Escape(ctx context.Context, p lr.Problem, x *lr.Factors, options ...Options) (e *Escaped, err error) {
	if len(options) > 1 {
		return nil, fmt.Errorf("landscape: Escape was given %d sets of options; at most one is wanted: %w", len(options), lr.ErrValue)
	}
	var o Options
	if len(options) == 1 {
		o = options[0]
	}
	e, _, err = escape(ctx, p, x, o)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("landscape: the escape of %s was not finished: %w (%w)", describe(p), lr.ErrCanceled, context.Cause(ctx))
	}
	return e, err
}

// escape is Escape, and says how many evaluations it took, also beside an error.
func escape(ctx context.Context, p lr.Problem, x *lr.Factors, o Options) (e *Escaped, evals int, err error) {
	s, err := newLook(p, x, o)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if r := recover(); r != nil {
			e, err = nil, fmt.Errorf("landscape: %s panics while it is escaped from: %v: %w", describe(p), r, lr.ErrFailed)
		}
		evals = s.spent()
	}()
	if err := s.look(ctx); err != nil {
		return nil, 0, err
	}
	if c := s.c.Curvature; !(c.Value < 0 && c.Value <= -s.c.Gamma) {
		return nil, 0, fmt.Errorf("landscape: there is no direction to escape along: the least curvature that %d Hessian products found at the point of %s is %.4g, where less than %.4g is asked for; the largest is %.4g, ‖∇g‖ is %.4g: %w",
			c.Products, s.c.Problem, c.Value, -s.c.Gamma, c.Largest, s.c.GradNorm, lr.ErrNoProgress)
	}
	if e, err = s.leave(ctx); err == nil {
		e.Evals = s.spent()
	}
	return e, 0, err
}

// A look is a study of the curvature alone, without the truth.
type look struct {
	*study
	evals int
}

func newLook(p lr.Problem, x *lr.Factors, o Options) (*look, error) {
	o, err := checked(p, x, &o)
	if err != nil {
		return nil, err
	}
	s, err := newStudy(p, x, o)
	if err != nil {
		return nil, err
	}
	l := &look{study: s}
	s.eval = counted{s.eval, &l.evals}
	return l, nil
}

// counted counts what an evaluator does.
type counted struct {
	lr.Evaluator
	n *int
}

func (c counted) Grad(dst, x *lr.Factors) float64 {
	*c.n++
	return c.Evaluator.Grad(dst, x)
}

// spent is how many evaluations were made, a Hessian product as two.
func (l *look) spent() int {
	if l.hess == nil { // products are gradients
		return l.evals
	}
	return l.evals + 2*l.c.Curvature.Products
}

func (l *look) look(ctx context.Context) error {
	for _, part := range []func(context.Context) error{l.values, l.length, l.group, l.search} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	l.judge()
	return nil
}

// leave looks for the step along the direction found.
func (l *look) leave(ctx context.Context) (*Escaped, error) {
	v := l.c.Curvature.Direction.Clone()
	v.Scale(1 / v.Norm())
	d := &leaving{eval: counted{l.p.NewEval(), &l.evals}, x: l.x, v: v, at: v.Clone(), slope: l.grad.Dot(v), curvature: l.c.Curvature.Value}
	if d.slope > 0 {
		d.turn()
	}
	var err error
	if d.before, err = d.value(ctx, 0); err != nil {
		return nil, err
	}
	t, after, err := d.best(ctx, l.c.Scale/10)
	if err != nil {
		return nil, err
	}
	d.move(t)
	return &Escaped{
		Point: d.at, Direction: d.v, Curvature: d.curvature, Slope: d.slope, Length: t,
		Before: d.before, After: after, Decrease: d.before - after, Predicted: d.predicted(t),
	}, nil
}

// leaving is a line search along v, where the slope is at most 0 and the
// curvature negative.
type leaving struct {
	eval             lr.Evaluator
	x, v, at         *lr.Factors
	before           float64 // g(x)
	slope, curvature float64
}

// turn takes the other direction.
func (d *leaving) turn() {
	d.v.Scale(-1)
	d.slope = 0 - d.slope
}

func (d *leaving) move(t float64) {
	d.at.CopyFrom(d.x)
	d.at.AddScaled(t, d.v)
}

func (d *leaving) value(ctx context.Context, t float64) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	d.move(t)
	return d.eval.Grad(nil, d.at), nil
}

func (d *leaving) predicted(t float64) float64 { return -d.slope*t - d.curvature*t*t/2 }

// leastShare is the part of the predicted decrease that a step must achieve. A
// quartic g falls by half of it at its minimum along v.
const leastShare = 0.25

// enough reports whether a step of length t to the value after is one.
func (d *leaving) enough(t, after float64) bool {
	return d.before-after >= leastShare*d.predicted(t) // false for NaN
}

// best is search, along both directions and to the lower value where the slope is
// 0. It leaves v as the direction taken.
func (d *leaving) best(ctx context.Context, t float64) (length, after float64, err error) {
	length, after, err = d.search(ctx, t)
	if d.slope != 0 || err != nil && !errors.Is(err, lr.ErrNoProgress) {
		return length, after, err
	}
	d.turn()
	back, value, err2 := d.search(ctx, t)
	switch {
	case err2 == nil && (err != nil || value < after):
		return back, value, nil
	case err2 != nil && !errors.Is(err2, lr.ErrNoProgress):
		return 0, 0, err2
	}
	d.turn()
	return length, after, err
}

// search returns a length near the first one at which the value falls enough, and
// the value there.
func (d *leaving) search(ctx context.Context, t float64) (length, after float64, err error) {
	after, err = d.value(ctx, t)
	for err == nil && !d.enough(t, after) {
		if t /= 2; leastShare*d.predicted(t) <= 1e-14*abs(d.before) || d.predicted(t) == 0 {
			return 0, 0, fmt.Errorf("landscape: the curvature %.4g predicts a decrease that is lost to rounding beside the value %.6g; the length is down to %.4g: %w", d.curvature, d.before, t, lr.ErrNoProgress)
		}
		after, err = d.value(ctx, t)
	}
	for err == nil {
		next, stop := d.value(ctx, 2*t)
		if err = stop; err != nil || !finite(next) || next >= after || !d.enough(2*t, next) {
			break
		}
		t, after = 2*t, next
	}
	return t, after, err
}

func abs(v float64) float64 { return max(v, -v) }
