package solver

import (
	"context"
	"fmt"

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
	// twice the last accepted length first (Armijo 1966, Pacific J. Math. 16:1).
	RuleArmijo
	// RuleBarzilaiBorwein takes the secant lengths
	//
	//	t = ⟨s,s⟩/⟨s,y⟩ and ⟨s,y⟩/⟨y,y⟩ in turn,  s = x − x⁻,  y = ∇f(x) − ∇f(x⁻)
	//
	// (Barzilai & Borwein 1988, IMA J. Numer. Anal. 8:141), which often makes
	// GD as fast as conjugate gradients. The objective may rise now and then:
	// a step is halved only until f(x⁺) ≤ f_max − 10⁻⁴·t·‖∇f(x)‖², f_max the
	// largest of the last ten values, which keeps the convergence to critical
	// points (Grippo, Lampariello & Lucidi 1986, SIAM J. Numer. Anal. 23:707;
	// Raydan 1997, SIAM J. Optim. 7:26). Step, when set, is the first length.
	RuleBarzilaiBorwein
)

var ruleText = [...]string{
	RuleDefault: "default", RuleFixed: "fixed", RuleLipschitz: "Lipschitz", RuleArmijo: "Armijo",
	RuleBarzilaiBorwein: "Barzilai–Borwein",
}

func (r Rule) known() bool { return r >= 0 && int(r) < len(ruleText) }

func (r Rule) String() string {
	if !r.known() {
		return fmt.Sprintf("unknown rule %d", int(r))
	}
	return ruleText[r]
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
// vain; it allocates nothing. Memory: four points.
type GD struct {
	Step float64 // length t; 0 means that the rule finds it
	Rule Rule    // default RuleFixed when Step is set, else RuleLipschitz
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
	if g.Step < 0 || !finite(g.Step) {
		return nil, fmt.Errorf("solver: GD has Step = %v; a positive finite length is wanted, or 0 to have it found: %w", g.Step, lr.ErrValue)
	}
	if !g.Rule.known() {
		return nil, fmt.Errorf("solver: GD has Rule %d; RuleFixed, RuleLipschitz, RuleArmijo and RuleBarzilaiBorwein are known: %w", int(g.Rule), lr.ErrValue)
	}
	if g.Rule == RuleFixed && g.Step == 0 {
		return nil, fmt.Errorf("solver: GD with RuleFixed needs a Step: %w", lr.ErrValue)
	}
	s := newGD(p, x0, g.rule(), g.Step)
	if s.step == 0 {
		s.step = s.firstStep()
	}
	if s.rule == RuleBarzilaiBorwein {
		s.secant = newSecant(s.loss)
	}
	return s, nil
}

func newGD(p lr.Problem, x0 *lr.Factors, rule Rule, step float64) *gdState {
	s := &gdState{walk: newWalk(p, x0), rule: rule, step: step}
	s.watch = newWatch(&s.walk)
	return s
}

type gdState struct {
	walk
	rule   Rule
	step   float64 // length to try next
	watch  watch
	secant *secant // of RuleBarzilaiBorwein, else nil
}

// State lists what the next step depends on.
func (s *gdState) State() []any {
	state := append(append(s.saved(), &s.step), s.watch.saved()...)
	if s.secant != nil {
		state = append(state, s.secant.saved()...)
	}
	return state
}

// Step takes one step. With a rule that searches it returns ErrNoProgress when
// no length decreases the objective beyond rounding.
func (s *gdState) Step(ctx context.Context) error {
	switch s.rule {
	case RuleFixed:
		s.accept(s.try(-s.step, s.grad), s.step)
		return nil
	case RuleBarzilaiBorwein:
		return s.barzilaiBorwein(ctx)
	case RuleArmijo:
		return s.search(ctx, s.loss, 1e-4, 2)
	default:
		return s.search(ctx, s.loss, 0.5, 1.1)
	}
}

// search tries lengths t, t/2, t/4, … until f ≤ below − share·t·‖∇f‖², and
// makes grow·t the first length of the next step. Where rounding hides the
// decrease, a step that does not go past the valley along −∇f(x) will do.
func (s *gdState) search(ctx context.Context, below, share, grow float64) error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.watch.idle >= patience {
		return lr.ErrNoProgress
	}
	for t := s.step; ; t /= 2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss := s.try(-t, s.grad)
		if loss <= below-float64(share*t*s.norm*s.norm) || indistinct(loss, s.loss) && s.nextGrad.Dot(s.grad) >= 0 {
			s.accept(loss, t)
			s.watch.see(&s.walk)
			s.step = grow * t
			return nil
		}
		if vanishes(t*s.norm, s.x.Norm()) {
			return lr.ErrNoProgress
		}
	}
}
