package solver

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// PerturbedGD is the perturbed gradient descent of Jin, Ge, Netrapalli, Kakade
// and Jordan (2017, ICML, arXiv:1703.00887, Algorithm 2): GD that adds noise
// where the gradient is small, and so leaves every strict saddle,
//
//	x ← x + ξ, ξ uniform in the ball of radius Radius,
//	  if ‖∇f(x)‖ ≤ Threshold and the last noise is Wait steps ago;
//	x ← x − t·∇f(x)
//
// When Wait steps after the noise the objective has not fallen by Decrease,
// the point x̃ before the noise had no direction of descent that matters: the
// method goes back to x̃, a second-order point, and from there on is plain GD,
// to working precision, until the gradient is large again. Noise and return
// are steps of their own, whose length in the trace is ‖ξ‖.
//
// The theorem: for an ℓ-smooth f with a ρ-Lipschitz Hessian in n variables,
// with Δ ≥ f(x₀) − f*, ε ≤ ℓ²/ρ and failure probability δ, the choice
//
//	χ = 3·max(log(nℓΔ/(cε²δ)), 4)
//	Step = c/ℓ,  Radius = √c·ε/(χ²ℓ),  Threshold = √c·ε/χ²,
//	Decrease = c·√(ε³/ρ)/χ³,  Wait = χℓ/(c²√(ρε))
//
// with a small enough absolute constant c finds a point with ‖∇f‖ ≤ ε and
// λmin(∇²f) ≥ −√(ρε) in O(ℓΔ/ε²·log⁴(nℓΔ/(ε²δ))) steps with probability 1 − δ.
// The constants are far on the safe side; the defaults are taken from the run
// instead, and keep its structure: at most (f(x₀) − f*)/Decrease noises.
//
// The default stop rule, lowrankgo.GradReduced, does not end a run that starts
// exactly at a critical point; lowrankgo.GradBelow does.
//
// A step costs what a step of GD costs; it allocates nothing. Memory: six
// points. The noise depends on Seed alone.
type PerturbedGD struct {
	// Step is the length t; default as RuleLipschitz of GD finds it.
	Step float64
	// Radius is that of the ball; default 10⁻³ of the larger of ‖x‖ and √‖M*‖,
	// with ‖M*‖ guessed from the values of f along a ray.
	Radius float64
	// Threshold is the gradient norm below which noise is added; default 10⁻³
	// of the largest seen.
	Threshold float64
	// Decrease is what noise must gain within Wait steps; default 10⁻⁴ of
	// f(x₀) − f(x̃).
	Decrease float64
	// Wait is the number of steps between noises; default 500. It must be
	// enough to leave a saddle: about ℓ/γ·log(√n·‖x‖/Radius) steps where the
	// most negative curvature is −γ.
	Wait int
	// Seed is that of the noise.
	Seed uint64
}

// Name prints what is set, and the seed.
func (g PerturbedGD) Name() string {
	text := fmt.Sprintf("PerturbedGD(seed %d, wait %d", g.Seed, g.wait())
	for _, f := range g.fields() {
		if f.value != 0 {
			text += fmt.Sprintf(", %s %g", f.text, f.value)
		}
	}
	return text + ")"
}

type field struct {
	name, text string
	value      float64
}

func (g PerturbedGD) fields() []field {
	return []field{
		{"Step", "step", g.Step}, {"Radius", "radius", g.Radius},
		{"Threshold", "threshold", g.Threshold}, {"Decrease", "decrease", g.Decrease},
	}
}

func (g PerturbedGD) wait() int {
	if g.Wait == 0 {
		return 500
	}
	return g.Wait
}

// Start evaluates p at x0, and at up to four more points for what is not set. A
// field that is negative or not finite is an error.
func (g PerturbedGD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	for _, f := range g.fields() {
		if err := checkNumber("PerturbedGD", f.name, f.value, math.Inf(1)); err != nil {
			return nil, err
		}
	}
	if g.Wait < 0 {
		return nil, fmt.Errorf("solver: PerturbedGD has Wait = %d; a number of steps from 1 on is wanted, or 0 for the default: %w", g.Wait, lr.ErrValue)
	}
	s := &perturbedState{
		gdState: *newGD(p, x0, RuleLipschitz, g.Step),
		config:  g, wait: g.wait(), quiet: true,
		saddle: x0.Clone(), saddleGrad: lr.NewPoint(p), kick: lr.NewPoint(p),
		source: lr.StreamSource(g.Seed, "perturbation"),
	}
	s.rng = rand.New(s.source)
	s.first, s.largest = s.loss, s.norm
	if g.Radius == 0 {
		s.size = s.solutionSize()
	}
	if g.Step > 0 {
		s.rule = RuleFixed
	} else {
		s.step = s.firstStep()
	}
	return s, nil
}

type perturbedState struct {
	gdState
	config PerturbedGD
	wait   int

	first   float64 // f(x₀)
	size    float64 // a guess of √‖M*‖
	largest float64 // the largest gradient norm seen
	since   int     // steps since the noise
	quiet   bool    // no noise is being waited for
	settled bool    // noise gained nothing here: plain GD until ‖∇f‖ is large again

	saddle, saddleGrad     *lr.Factors // x̃, with its value and gradient
	saddleLoss, saddleNorm float64
	length                 float64     // ‖ξ‖
	kick                   *lr.Factors // room for ξ
	source                 *rand.ChaCha8
	rng                    *rand.Rand
}

// State lists what the next step depends on.
func (s *perturbedState) State() []any {
	return append(s.gdState.State(), &s.first, &s.size, &s.largest, &s.since, &s.quiet, &s.settled,
		s.saddle, s.saddleGrad, &s.saddleLoss, &s.saddleNorm, &s.length, s.source)
}

// Step adds noise, goes back, or takes a step of GD. It returns ErrNoProgress
// at a critical point where noise gained nothing, and where no length lowers
// the objective beyond rounding.
func (s *perturbedState) Step(ctx context.Context) error {
	if !finite(s.norm) {
		return errGradient
	}
	if !s.quiet && s.since >= s.wait {
		s.quiet = true
		if !(s.saddleLoss-s.loss > s.gain()) {
			s.goBack()
			return nil
		}
	}
	small := s.norm <= s.threshold()
	s.settled = s.settled && small
	if s.quiet && small && !s.settled {
		s.perturb()
		return nil
	}
	return s.descend(ctx)
}

// descend is a step of GD. While noise is being waited for, a stall is only
// the end of the waiting.
func (s *perturbedState) descend(ctx context.Context) error {
	err := s.ready()
	if err == nil {
		err = s.gdState.Step(ctx)
	}
	if err == lr.ErrNoProgress && !s.quiet {
		s.since = s.wait
		return s.Step(ctx)
	}
	if err != nil {
		return err
	}
	s.since++
	s.largest = math.Max(s.largest, s.norm)
	return nil
}

func (s *perturbedState) threshold() float64 {
	if s.config.Threshold > 0 {
		return s.config.Threshold
	}
	return 1e-3 * s.largest
}

// gain is what the objective must have lost since the noise.
func (s *perturbedState) gain() float64 {
	if s.config.Decrease > 0 {
		return s.config.Decrease
	}
	return math.Max(1e-4*(s.first-s.saddleLoss), noise*math.Abs(s.saddleLoss))
}

func (s *perturbedState) radius() float64 {
	if s.config.Radius > 0 {
		return s.config.Radius
	}
	return 1e-3 * math.Max(s.x.Norm(), s.size)
}

// solutionSize is √‖M*‖ where an objective of curvature L falls by (L/2)‖M*‖²
// from its value at 0, and 1 where that tells nothing.
func (s *perturbedState) solutionSize() float64 {
	s.nextX.Scale(0)
	zero := s.eval.Grad(nil, s.nextX)
	size := math.Sqrt(math.Sqrt(2 * zero / rayCurvature(s.eval, s.x, s.loss, s.nextX)))
	s.evals += 3
	if !(size > 0) || !finite(size) {
		return 1
	}
	return size
}

// perturb keeps the point as x̃ and adds ξ.
func (s *perturbedState) perturb() {
	s.saddle.CopyFrom(s.x)
	s.saddleGrad.CopyFrom(s.grad)
	s.saddleLoss, s.saddleNorm = s.loss, s.norm
	s.length = s.draw()
	s.accept(s.try(1, s.kick), s.length)
	s.since, s.quiet = 0, false
	s.largest = math.Max(s.largest, s.norm)
	s.begin()
}

// begin forgets the way that led here.
func (s *perturbedState) begin() {
	s.watch = newWatch(&s.walk)
	if s.rule == RuleLipschitz {
		s.step = s.firstStep()
	}
}

// draw makes ξ uniform in the ball, and returns its length.
func (s *perturbedState) draw() float64 {
	n := s.normal(s.kick.U.RawMatrix().Data)
	if s.kick.V != nil {
		n += s.normal(s.kick.V.RawMatrix().Data)
	}
	length := s.radius() * math.Pow(s.rng.Float64(), 1/float64(n))
	s.kick.Scale(length / s.kick.Norm())
	return length
}

func (s *perturbedState) normal(v []float64) int {
	for i := range v {
		v[i] = s.rng.NormFloat64()
	}
	return len(v)
}

// goBack returns to x̃, which needs no evaluation.
func (s *perturbedState) goBack() {
	s.nextX.CopyFrom(s.saddle)
	s.nextGrad.CopyFrom(s.saddleGrad)
	s.accept(s.saddleLoss, s.length)
	s.settled = true
	s.begin()
}
