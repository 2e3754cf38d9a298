package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Restart says when [Accelerated] drops its momentum.
type Restart int

const (
	// RestartDefault is RestartFunction and RestartGradient together.
	RestartDefault Restart = iota
	// RestartFunction goes back to x and takes a plain gradient step from
	// there when the objective would rise: the objective never does.
	RestartFunction
	// RestartGradient restarts after a step with ⟨∇f(y), x⁺ − x⟩ > 0, where
	// the momentum points uphill.
	RestartGradient
	// RestartNever keeps the momentum.
	RestartNever
)

var restartText = [...]string{
	RestartDefault: "restart", RestartFunction: "function restart",
	RestartGradient: "gradient restart", RestartNever: "no restart",
}

func (r Restart) known() bool { return r >= 0 && int(r) < len(restartText) }

func (r Restart) String() string {
	if !r.known() {
		return fmt.Sprintf("unknown restart %d", int(r))
	}
	return restartText[r]
}

// Accelerated is Nesterov's accelerated gradient method (1983, Soviet Math.
// Dokl. 27:372) with the adaptive restart of O'Donoghue and Candès (2015,
// Found. Comput. Math. 15:715, arXiv:1204.3982),
//
//	y = x + β·(x − x⁻),  x⁺ = y − t·∇f(y),
//	β = (θ − 1)/θ⁺,  θ⁺ = (1 + √(1 + 4θ²))/2,  θ = 1 at a restart.
//
// On a convex objective f(x) − f* falls as 1/k², with restart linearly at a
// rate of √κ instead of GD's κ where it is strongly convex. On the objectives
// of the two papers it has this rate near a minimum; with RestartFunction
// the objective decreases from any start, so that limit points are critical.
//
// A step costs two values with gradient, at y and at x⁺, and one more for each
// length tried in vain; it allocates nothing. Memory: seven points.
type Accelerated struct {
	// Step is the length t; default as RuleLipschitz finds it, at y.
	Step float64
	// Restart says when the momentum is dropped.
	Restart Restart
}

// Name prints the restart and the step.
func (a Accelerated) Name() string {
	if a.Step > 0 {
		return fmt.Sprintf("Accelerated(%v, step %g)", a.Restart, a.Step)
	}
	return fmt.Sprintf("Accelerated(%v)", a.Restart)
}

// Start evaluates p at x0, and once beside it when Step is not set. A Step that
// is negative or not finite and an unknown Restart are errors.
func (a Accelerated) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := checkNumber("Accelerated", "Step", a.Step, math.Inf(1)); err != nil {
		return nil, err
	}
	if !a.Restart.known() {
		return nil, fmt.Errorf("solver: Accelerated has Restart %d; RestartFunction, RestartGradient and RestartNever are known: %w", int(a.Restart), lr.ErrValue)
	}
	s := &acceleratedState{walk: newWalk(p, x0), restart: a.Restart, fixed: a.Step > 0, step: a.Step, theta: 1}
	s.before, s.y, s.gradY = x0.Clone(), x0.Clone(), lr.NewPoint(p)
	s.watch = newWatch(&s.walk)
	if !s.fixed {
		s.step = s.firstStep()
	}
	return s, nil
}

type acceleratedState struct {
	walk
	restart Restart
	fixed   bool
	before  *lr.Factors // x⁻
	theta   float64     // θ; 1 means that there is no momentum
	step    float64     // length to try next
	watch   watch

	y, gradY *lr.Factors // room for the point with momentum
}

// State lists what the next step depends on.
func (s *acceleratedState) State() []any {
	return append(append(s.saved(), s.before, &s.theta, &s.step), s.watch.saved()...)
}

// Step takes one step. It returns ErrNoProgress when no length lowers the
// objective beyond rounding.
func (s *acceleratedState) Step(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.watch.idle >= patience && !s.fixed {
		return lr.ErrNoProgress
	}
	next := (1 + math.Sqrt(1+float64(4*s.theta*s.theta))) / 2
	if s.theta > 1 {
		if done, err := s.withMomentum(ctx, next); done || err != nil {
			return err
		}
		next = (1 + math.Sqrt(5)) / 2
	}
	loss, t, err := s.descend(ctx, s.x, s.grad, s.loss, s.norm)
	if err != nil {
		return err
	}
	s.take(loss, t, next)
	return nil
}

// withMomentum steps from y, unless the objective would rise.
func (s *acceleratedState) withMomentum(ctx context.Context, next float64) (done bool, err error) {
	beta := (s.theta - 1) / next
	s.y.CopyFrom(s.x)
	s.y.Scale(1 + beta)
	s.y.AddScaled(-beta, s.before)
	s.evals++
	lossY := s.eval.Grad(s.gradY, s.y)
	normY := s.gradY.Norm()
	if !finite(lossY) || !finite(normY) || normY == 0 {
		return false, nil
	}
	loss, t, err := s.descend(ctx, s.y, s.gradY, lossY, normY)
	if err == lr.ErrNoProgress {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if s.byFunction() && !(loss <= s.loss+float64(noise*math.Abs(s.loss))) {
		return false, nil
	}
	if s.byGradient() && s.gradY.Dot(s.nextX) > s.gradY.Dot(s.x) {
		next = 1
	}
	s.take(loss, t, next)
	return true, nil
}

func (s *acceleratedState) byFunction() bool {
	return s.restart == RestartDefault || s.restart == RestartFunction
}

func (s *acceleratedState) byGradient() bool {
	return s.restart == RestartDefault || s.restart == RestartGradient
}

// descend brings the next point to from − t·grad with the first of step,
// step/2, step/4, … that keeps the descent lemma, f ≤ loss − ½t‖grad‖². Where
// rounding hides the values, a slope that does not yet rise is the same for a
// quadratic.
func (s *acceleratedState) descend(ctx context.Context, from, grad *lr.Factors, loss, norm float64) (newLoss, t float64, err error) {
	for t = s.step; ; t /= 2 {
		if err = ctx.Err(); err != nil {
			return 0, 0, err
		}
		newLoss = s.tryFrom(from, -t, grad)
		if s.fixed || newLoss <= loss-float64(0.5*t*norm*norm) {
			return newLoss, t, nil
		}
		if indistinct(newLoss, loss) && s.nextGrad.Dot(grad) >= 0 {
			return newLoss, t, nil
		}
		if vanishes(t*norm, from.Norm()) {
			return 0, 0, lr.ErrNoProgress
		}
	}
}

// take makes the next point the point, and x the one before.
func (s *acceleratedState) take(loss, t, next float64) {
	s.accept(loss, t)
	s.before, s.nextX = s.nextX, s.before
	s.theta = next
	if !s.fixed {
		s.step = 1.1 * t
	}
	s.watch.see(&s.walk)
}
