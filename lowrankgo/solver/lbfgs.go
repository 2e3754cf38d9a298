package solver

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// LBFGS is the limited-memory quasi-Newton method of Nocedal (1980, Math.
// Comp. 35:773; Liu & Nocedal 1989, Math. Program. 45:503),
//
//	x⁺ = x − t·H·∇f(x)
//
// where H is the identity times ⟨s,y⟩/⟨y,y⟩ of the last step, updated by the
// last Memory pairs s = x⁺ − x, y = ∇f(x⁺) − ∇f(x), and never stored. The
// length t, tried from 1 on, meets the strong Wolfe conditions, so that
// ⟨s,y⟩ > 0 and H is positive definite.
//
// Near a minimum it is the fastest method that uses gradients alone, and the
// first to try where no special structure is known; far from it, it has the
// guarantee of GD, that limit points are critical. A step costs one value with
// gradient, seldom two, and 4·Memory products of points; it allocates nothing.
// Memory: 2·Memory + 5 points.
type LBFGS struct {
	// Memory is the number of pairs kept; default 10.
	Memory int
	// Curvature is the σ of the strong Wolfe conditions; default 0.9. In (0, 1).
	Curvature float64
}

// Name prints the method with its parameters.
func (l LBFGS) Name() string {
	l = l.filled()
	return fmt.Sprintf("LBFGS(memory %d, curvature %g)", l.Memory, l.Curvature)
}

func (l LBFGS) filled() LBFGS {
	if l.Memory == 0 {
		l.Memory = 10
	}
	if l.Curvature == 0 {
		l.Curvature = 0.9
	}
	return l
}

// Start evaluates p at x0, and once beside it for the first length. A negative
// Memory and a Curvature that is not in (0, 1) are errors.
func (l LBFGS) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if l.Memory < 0 {
		return nil, fmt.Errorf("solver: LBFGS has Memory = %d; a number of pairs from 1 on is wanted, or 0 for the default: %w", l.Memory, lr.ErrValue)
	}
	if err := checkNumber("LBFGS", "Curvature", l.Curvature, 1); err != nil {
		return nil, err
	}
	l = l.filled()
	s := &lbfgsState{heading: newHeading(p, x0), curvature: l.Curvature, pairs: make([]secantPair, l.Memory), alpha: make([]float64, l.Memory)}
	for i := range s.pairs {
		s.pairs[i] = secantPair{s: lr.NewPoint(p), y: lr.NewPoint(p)}
	}
	return s, nil
}

// secantPair is a step s with the change y of the gradient over it.
type secantPair struct {
	s, y *lr.Factors
	sy   float64 // ⟨s,y⟩ > 0
}

type lbfgsState struct {
	heading
	curvature float64
	pairs     []secantPair // in a ring
	newest    int          // place of the last pair
	count     int          // pairs in use
	alpha     []float64    // room for direction
}

// State lists what the next step depends on.
func (s *lbfgsState) State() []any {
	state := append(s.saved(), &s.newest, &s.count)
	for i := range s.pairs {
		p := &s.pairs[i]
		state = append(state, p.s, p.y, &p.sy)
	}
	return state
}

// Step takes one step, and ends with ErrNoProgress when not even along −∇f(x)
// a length lowers the objective.
func (s *lbfgsState) Step(ctx context.Context) error {
	if _, err := s.move(ctx, s.curvature); err != nil {
		return err
	}
	if s.steepest { // no pair fits what lies ahead
		s.count = 0
	}
	s.remember()
	if s.count == 0 {
		s.restart()
		return nil
	}
	s.direction()
	if !s.descends() {
		s.count = 0
		s.restart()
	}
	return nil
}

// remember makes the last step the newest pair, unless ⟨s,y⟩ is not positive
// by more than rounding. The room for the next point holds the one before.
func (s *lbfgsState) remember() {
	at := (s.newest + 1) % len(s.pairs)
	p := &s.pairs[at]
	p.s.CopyFrom(s.x)
	p.s.AddScaled(-1, s.nextX)
	p.y.CopyFrom(s.grad)
	p.y.AddScaled(-1, s.nextGrad)
	p.sy = p.s.Dot(p.y)
	if p.sy > 1e-14*p.s.Norm()*p.y.Norm() {
		s.newest, s.count = at, min(s.count+1, len(s.pairs))
	} else if s.count == len(s.pairs) { // the oldest pair was written over
		s.count--
	}
}

// pair returns the k-th newest pair and its place.
func (s *lbfgsState) pair(k int) (*secantPair, int) {
	at := (s.newest - k + len(s.pairs)) % len(s.pairs)
	return &s.pairs[at], at
}

// direction sets dir = −H·∇f(x) by the two-loop recursion.
func (s *lbfgsState) direction() {
	s.aim(-1, s.grad)
	for k := range s.count {
		p, at := s.pair(k)
		s.alpha[at] = p.s.Dot(s.dir) / p.sy
		s.dir.AddScaled(-s.alpha[at], p.y)
	}
	last, _ := s.pair(0)
	s.dir.Scale(last.sy / last.y.Dot(last.y))
	for k := s.count - 1; k >= 0; k-- {
		p, at := s.pair(k)
		s.dir.AddScaled(s.alpha[at]-p.y.Dot(s.dir)/p.sy, p.s)
	}
	s.slope, s.trial = s.grad.Dot(s.dir), 1
}
