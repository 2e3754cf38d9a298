package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Escaping is a method that goes on from saddles: it takes the steps of another
// method, looks for negative curvature where that may have come to a saddle, and
// if there is some leaves by [Escape] and starts the other method anew. So any
// method that descends becomes one that ends at second-order points, where the
// objectives of [G] and [L] have their global minima (Theorems 1 to 5; Carmon,
// Duchi, Hinder, Sidford 2016, arXiv:1611.00756).
//
// A saddle is suspected where the gradient norm is at most Below times the
// largest one seen, that at 2x₀ among them, so that a start at a saddle is
// noticed; and where the method makes no progress. Having looked in vain, it
// looks again only where the norm has come down to the part Again of that at the
// last look: a run that converges to working precision is looked at about four
// times. It looks in the step that comes to the point, so that a stop rule sees
// what is left of a saddle: the point after the escape.
//
// An escape is a step, whose length in the trace is that of [Escaped]. A look
// costs at most Options.Products Hessian products and some 25 gradients, and is
// polled for ctx in between; evaluations are counted, a product as two. Other
// steps cost what those of the method do. Steps allocate where they look.
//
// A method that knows no gradient norm is looked at only where it makes no
// progress. One whose Stepper is a lowrankgo.Splitter descends no objective, and
// is refused by an error that wraps [lowrankgo.ErrAbility]. It can be stored in a
// checkpoint if the method inside can.
type Escaping struct {
	Method  lr.Method // whose steps are taken; required
	Below   float64   // part of the largest gradient norm below which a saddle is suspected; default 10⁻³
	Again   float64   // part of the gradient norm at the last look at which to look again; default 10⁻²
	Options Options   // of the search for negative curvature
}

// Name prints the method inside, and what is set.
func (e Escaping) Name() string {
	if e.Method == nil {
		return "Escaping(no method)"
	}
	text := "Escaping(" + e.Method.Name()
	if e.Below != 0 {
		text += fmt.Sprintf(", below %g", e.Below)
	}
	if e.Again != 0 {
		text += fmt.Sprintf(", again %g", e.Again)
	}
	return text + ")"
}

// Start starts the method inside at x0, and evaluates p at 2x₀. No Method, a
// field out of range and a method that splits data are errors.
func (e Escaping) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	e, err := e.filled()
	if err != nil {
		return nil, err
	}
	inner, err := e.Method.Start(p, x0)
	if err != nil {
		return nil, err
	}
	if _, ok := inner.(lr.Splitter); ok {
		return nil, fmt.Errorf("landscape: Escaping was given %s, which splits data by a rule of its own and descends no objective, so that it has no saddles; a method that goes by gradients is wanted: %w", e.Method.Name(), lr.ErrAbility)
	}
	s := &escapingState{config: e, p: p, inner: inner, x: x0.Clone(), last: math.Inf(1)}
	s.info = inner.Info()
	s.begin(x0)
	if _, ok := inner.(lr.Saver); ok {
		return &escapingSaver{s}, nil
	}
	return s, nil
}

// filled has the defaults.
func (e Escaping) filled() (Escaping, error) {
	if e.Method == nil {
		return e, fmt.Errorf("landscape: Escaping has no Method; the method whose steps it takes is wanted: %w", lr.ErrEmpty)
	}
	for _, f := range []struct {
		name  string
		v     *float64
		value float64
	}{{"Below", &e.Below, 1e-3}, {"Again", &e.Again, 1e-2}} {
		if !(*f.v >= 0 && *f.v < 1) {
			return e, fmt.Errorf("landscape: Escaping has %s = %v; a number from 0, which is the default, %g, to below 1 is wanted: %w", f.name, *f.v, f.value, lr.ErrValue)
		}
		if *f.v == 0 {
			*f.v = f.value
		}
	}
	_, err := e.Options.filled()
	return e, err
}

type escapingState struct {
	config Escaping
	p      lr.Problem
	inner  lr.Stepper

	x    *lr.Factors // the point, apart from inner, which may be ahead of it
	info lr.Info

	largest float64 // gradient norm seen
	last    float64 // gradient norm at the last look in vain, +Inf when there was none
	base    int     // evaluations beside those that inner counts
	length  float64 // of the escape that inner was started after, 0 when it has moved since

	pending bool // inner is at a point that was not looked at yet
	ahead   bool // which is not x
	stuck   bool // where it makes no progress
	settled bool // and where there is no negative curvature
}

func (s *escapingState) Point() *lr.Factors { return s.x }

func (s *escapingState) Info() lr.Info { return s.info }

// begin finds the gradient norm at 2x₀, if there is one, and whether x₀ is
// suspected.
func (s *escapingState) begin(x0 *lr.Factors) {
	twice, g := x0.Clone(), lr.NewPoint(s.p)
	twice.Scale(2)
	s.p.NewEval().Grad(g, twice)
	s.base++
	s.info.Evals++
	if norm := g.Norm(); finite(norm) {
		s.largest = norm
	}
	s.largest = math.Max(s.largest, known(s.info.GradNorm))
	s.pending = s.suspected(s.info.GradNorm)
}

// known is v, or 0 where it is NaN.
func known(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// suspected reports whether a point with this gradient norm is to be looked at.
func (s *escapingState) suspected(norm float64) bool {
	return norm <= s.config.Below*s.largest && norm < s.config.Again*s.last // false for NaN
}

// Step takes a step of the method inside and, where that may have come to a
// saddle, escapes from it. Where ctx ends a look, the point stays what it was and
// the next Step looks again.
func (s *escapingState) Step(ctx context.Context) error {
	for {
		if !s.pending {
			err := s.inner.Step(ctx)
			s.stuck = errors.Is(err, lr.ErrNoProgress)
			if err != nil && !s.stuck || s.stuck && s.settled {
				return err
			}
			s.pending, s.ahead = true, s.ahead || !s.stuck
			if !s.stuck {
				s.length, s.settled = 0, false
			}
		}
		escaped, err := s.inspect(ctx)
		if err != nil {
			return err
		}
		s.pending = false
		switch {
		case s.ahead || escaped:
			s.publish()
			return nil
		case s.stuck:
			s.settled = true
			return lr.ErrNoProgress
		}
	}
}

// inspect looks at inner's point if it is to be looked at, and leaves it if that
// is possible.
func (s *escapingState) inspect(ctx context.Context) (escaped bool, err error) {
	norm := s.inner.Info().GradNorm
	s.largest = math.Max(s.largest, known(norm))
	if norm > s.config.Below*s.largest {
		s.last = math.Inf(1)
	}
	if !s.stuck && !s.suspected(norm) {
		return false, nil
	}
	e, evals, err := escape(ctx, s.p, s.inner.Point(), s.config.Options)
	s.base += evals
	switch {
	case errors.Is(err, lr.ErrNoProgress):
		s.last = norm
		return false, nil
	case err != nil:
		return false, err
	}
	return true, s.restart(e)
}

// restart starts the method inside at the point that an escape led to.
func (s *escapingState) restart(e *Escaped) error {
	inner, err := s.config.Method.Start(s.p, e.Point)
	if err != nil {
		return fmt.Errorf("landscape: %s does not start after an escape: %w", s.config.Method.Name(), err)
	}
	s.base += s.inner.Info().Evals
	s.inner, s.length = inner, e.Length
	s.last = math.Inf(1)
	if norm := inner.Info().GradNorm; norm <= s.config.Below*s.largest {
		s.last = norm
	}
	return nil
}

// publish makes inner's point the point.
func (s *escapingState) publish() {
	s.x.CopyFrom(s.inner.Point())
	s.info = s.inner.Info()
	s.info.Evals += s.base
	if s.length > 0 {
		s.info.Step = s.length
	}
	s.ahead = false
}

// escapingSaver is the state around a method that can be saved.
type escapingSaver struct{ *escapingState }

// State lists what the next step depends on, inner's share last.
func (s *escapingSaver) State() []any {
	mine := []any{s.x, &s.info, &s.largest, &s.last, &s.base, &s.length, &s.pending, &s.ahead, &s.stuck, &s.settled}
	return append(mine, s.inner.(lr.Saver).State()...)
}
