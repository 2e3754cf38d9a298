package solver

import (
	"context"
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Rule says how [GD] chooses the length of a step.
type Rule int

const (
	// RuleDefault is RuleFixed when Step is set and RuleLipschitz otherwise.
	RuleDefault Rule = iota
	// RuleFixed takes Step always.
	RuleFixed
	// RuleLipschitz takes 1/L, where L estimates how fast the gradient changes
	// along the path: it is doubled until the step decreases the objective as
	// the descent lemma says, f(x⁺) ≤ f(x) − ‖∇f(x)‖²/(2L), and relaxed a little
	// after every step. Step, when set, is the first 1/L.
	RuleLipschitz
	// RuleArmijo halves the step until f(x⁺) ≤ f(x) − 10⁻⁴·t·‖∇f(x)‖², trying
	// twice the last accepted length first.
	RuleArmijo
)

func (r Rule) String() string {
	if r < RuleDefault || r > RuleArmijo {
		return fmt.Sprintf("unknown rule %d", int(r))
	}
	return [...]string{"default", "fixed", "Lipschitz", "Armijo"}[r]
}

// GD is gradient descent, x⁺ = x − t·∇f(x) on both factors at once.
//
// GD{} chooses its steps by RuleLipschitz and needs no tuning. With a fixed
// step t < 2/L, L the Lipschitz constant of ∇f on the path, the objective
// decreases; a step that is too long ends with status Diverged and the last
// finite point. From almost every start it converges to a second-order point
// (Lee, Simchowitz, Jordan, Recht 2016, arXiv:1602.04915), which for the
// problems of the two papers is a global minimum.
//
// A step costs one value with gradient, and one more for each length tried in
// vain; it allocates nothing.
type GD struct {
	Step float64 // length t; 0 means that the rule finds it
	Rule Rule
}

// Name prints the rule and the step.
func (g GD) Name() string {
	switch rule := g.rule(); {
	case rule == RuleFixed:
		return fmt.Sprintf("GD(step %g)", g.Step)
	case g.Step > 0:
		return fmt.Sprintf("GD(%v, first step %g)", rule, g.Step)
	default:
		return fmt.Sprintf("GD(%v)", rule)
	}
}

func (g GD) rule() Rule {
	switch {
	case g.Rule != RuleDefault:
		return g.Rule
	case g.Step > 0:
		return RuleFixed
	}
	return RuleLipschitz
}

// Start evaluates p at x0. A Step that is negative or not finite, RuleFixed
// without a Step, and an unknown Rule are errors.
func (g GD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if g.Step < 0 || math.IsNaN(g.Step) || math.IsInf(g.Step, 0) {
		return nil, fmt.Errorf("solver: GD has Step = %v; a positive finite length is wanted, or 0 to have it found: %w", g.Step, lr.ErrValue)
	}
	if g.Rule < RuleDefault || g.Rule > RuleArmijo {
		return nil, fmt.Errorf("solver: GD has Rule %d; RuleFixed, RuleLipschitz and RuleArmijo are known: %w", int(g.Rule), lr.ErrValue)
	}
	if g.Rule == RuleFixed && g.Step == 0 {
		return nil, fmt.Errorf("solver: GD with RuleFixed needs a Step: %w", lr.ErrValue)
	}
	s := &gdState{rule: g.rule(), eval: p.NewEval(), step: g.Step, taken: math.NaN()}
	s.x, s.grad = x0.Clone(), lr.NewPoint(p)
	s.nextX, s.nextGrad = x0.Clone(), lr.NewPoint(p)
	s.loss = s.eval.Grad(s.grad, s.x)
	s.norm = s.grad.Norm()
	s.evals = 1
	if s.step == 0 {
		s.step = s.firstStep()
	}
	return s, nil
}

type gdState struct {
	rule           Rule
	eval           lr.Evaluator
	x, nextX       *lr.Factors
	grad, nextGrad *lr.Factors
	loss, norm     float64 // value and gradient norm at x
	step           float64 // length to try next
	taken          float64 // length of the step that led to x
	evals          int
}

func (s *gdState) Point() *lr.Factors { return s.x }

func (s *gdState) Info() lr.Info {
	return lr.Info{Loss: s.loss, GradNorm: s.norm, Step: s.taken, Evals: s.evals}
}

// firstStep guesses 1/L from how much the gradient changes over a small step
// against it. At a critical point it is 1.
func (s *gdState) firstStep() float64 {
	if s.norm == 0 || math.IsNaN(s.norm) || math.IsInf(s.norm, 0) {
		return 1
	}
	h := 1e-4 * math.Max(s.x.Norm(), 1e-4) / s.norm
	s.try(h)
	s.nextGrad.AddScaled(-1, s.grad)
	if change := s.nextGrad.Norm(); change > 0 && !math.IsInf(change, 0) {
		return h * s.norm / change
	}
	return h
}

// try moves nextX to x − t·∇f(x) and evaluates there.
func (s *gdState) try(t float64) float64 {
	s.nextX.CopyFrom(s.x)
	s.nextX.AddScaled(-t, s.grad)
	s.evals++
	return s.eval.Grad(s.nextGrad, s.nextX)
}

func (s *gdState) accept(loss, t float64) {
	s.x, s.nextX = s.nextX, s.x
	s.grad, s.nextGrad = s.nextGrad, s.grad
	s.loss, s.norm, s.taken = loss, s.grad.Norm(), t
}

// Step takes one step. With a rule that searches it returns ErrNoProgress when
// no length decreases the objective beyond rounding.
func (s *gdState) Step(ctx context.Context) error {
	switch s.rule {
	case RuleFixed:
		s.accept(s.try(s.step), s.step)
		return nil
	case RuleArmijo:
		return s.search(ctx, 1e-4, 2)
	default:
		return s.search(ctx, 0.5, 1.1)
	}
}

var errGradient = errors.New("solver: GD: the gradient is not finite where the objective is")

// search tries lengths t, t/2, t/4, … until f decreases by share·t·‖∇f‖², and
// makes grow·t the first length of the next step.
func (s *gdState) search(ctx context.Context, share, grow float64) error {
	if s.norm == 0 {
		return lr.ErrNoProgress
	}
	if math.IsNaN(s.norm) || math.IsInf(s.norm, 0) {
		return errGradient
	}
	for t := s.step; ; t /= 2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss := s.try(t)
		if loss <= s.loss-share*t*s.norm*s.norm {
			s.accept(loss, t)
			s.step = grow * t
			return nil
		}
		if t*s.norm <= 1e-16*s.x.Norm() || t == 0 {
			return lr.ErrNoProgress
		}
	}
}
