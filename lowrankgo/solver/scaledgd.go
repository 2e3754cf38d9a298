package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// ScaledGD is scaled gradient descent,
//
//	U⁺ = U − η ∇_U f·(VᵀV + λI)⁻¹
//	V⁺ = V − η ∇_V f·(UᵀU + λI)⁻¹
//
// (both from the old U and V) and, for a symmetric problem,
// U⁺ = U − η ∇f·(UᵀU + λI)⁻¹.
//
// Without damping, λ = 0, its steps do not depend on how the product UVᵀ is
// split into factors, and the number of iterations not on the condition number
// κ of M*: from a spectral start the error falls by a constant factor each step
// for sensing with RIP and for completion, where gradient descent needs κ times
// as many (Tong, Ma, Chi 2021, JMLR 22:150, arXiv:2005.08898). The step
// there is η ≤ ⅔, in practice ½, for an objective whose curvature as a function
// of M is 1, such as 1/(2p)‖(UVᵀ − M*)_Ω‖².
//
// When the factors have more columns than M* has rank, VᵀV becomes singular on
// the way and needs damping: a fixed λ of the order of σr*, from a random start
// so small that what stays of it in the spare columns does not matter
// (ScaledGD(λ), Xu, Shen, Chi, Ma 2023, arXiv:2302.01186), or one that follows
// the error (PrecGD, Zhang, Fattahi, Zhang 2021, NeurIPS; Zhang, Fattahi, Zhang
// 2022, arXiv:2206.03345). A Gram matrix that is singular at working precision,
// as at a start of lower rank, is damped by 10⁻¹⁰ of its trace.
//
// A regulariser does not scale with UVᵀ: with Balance, start from balanced
// factors, as initial.Spectral gives.
//
// A step costs one value with gradient, one more for each length tried in vain,
// and 4(d1+d2)r² flops; it allocates nothing.
type ScaledGD struct {
	// Step is η, in units of 1/curvature of the objective. Default: it is
	// found. The first is 1/(2L), or 1/(4L) for a symmetric problem, where L
	// estimates the curvature of f(M) from its values at 0, M and 2M; this is
	// the ½ of the paper. Then η is halved until the objective falls by ½η‖∇f‖²
	// in the norm of the scaling, ⟨∇f, direction⟩, and grows by a tenth after
	// each step. Where rounding hides the values, a slope that does not yet
	// rise does as well.
	Step float64
	// Damping is λ ≥ 0, in units of M. Default 0.
	Damping float64
	// ErrorDamping is c ≥ 0 and adds c·√(4ηf) to λ, which for an objective
	// (L/2)‖M − M*‖² with η = 1/(2L) is c·‖M − M*‖. Try 0.1. Default 0.
	ErrorDamping float64
}

// Name prints the step and the damping.
func (g ScaledGD) Name() string {
	s := "ScaledGD("
	if g.Step > 0 {
		s += fmt.Sprintf("step %g", g.Step)
	} else {
		s += "step found"
	}
	if g.Damping > 0 {
		s += fmt.Sprintf(", λ = %g", g.Damping)
	}
	if g.ErrorDamping > 0 {
		s += fmt.Sprintf(", λ ∝ %g error", g.ErrorDamping)
	}
	return s + ")"
}

func (g ScaledGD) check() error {
	for _, f := range []struct {
		name, what string
		v          float64
	}{
		{"Step", "a positive finite number is wanted, or 0 to have it found", g.Step},
		{"Damping", "λ must be finite and at least 0", g.Damping},
		{"ErrorDamping", "the factor must be finite and at least 0", g.ErrorDamping},
	} {
		if !(f.v >= 0) || !finite(f.v) {
			return fmt.Errorf("solver: ScaledGD has %s = %v; %s: %w", f.name, f.v, f.what, lr.ErrValue)
		}
	}
	return nil
}

// Start evaluates p at x0, and at three more points when it is to find the
// step. A field that is negative or not finite is an error.
func (g ScaledGD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	_, _, r := p.Dims()
	s := &scaledState{
		walk: newWalk(p, x0), cfg: g, step: g.Step, dir: lr.NewPoint(p), left: newMetric(r), right: newMetric(r),
	}
	s.best = newWatch(&s.walk)
	if s.step == 0 {
		s.step = s.scaledStep()
	}
	return s, nil
}

type scaledState struct {
	walk
	cfg         ScaledGD
	dir         *lr.Factors // the scaled gradient
	left, right *metric     // of V, which scales ∇_U, and of U
	step        float64     // length to try next
	best        watch
}

// State lists what the next step depends on.
func (s *scaledState) State() []any {
	return append(append(s.saved(), &s.step), s.best.saved()...)
}

// scaledStep is 1/(2L), with L the curvature of f as a function of M. Along
// (dU, dV) M changes by dU·Vᵀ + U·dVᵀ, whose square is at most 2⟨∇f, dir⟩; for
// UUᵀ it is 4⟨∇f, dir⟩.
func (s *scaledState) scaledStep() float64 {
	curvature := rayCurvature(s.eval, s.x, s.loss, s.nextX)
	s.evals += 2
	if s.x.Symmetric() {
		curvature *= 2
	}
	if step := 1 / (2 * curvature); step > 0 && finite(step) {
		return step
	}
	return 1
}

// direct sets dir to the scaled gradient and returns ⟨∇f, dir⟩.
func (s *scaledState) direct() float64 {
	lambda := s.cfg.Damping
	if s.cfg.ErrorDamping > 0 {
		lambda += s.cfg.ErrorDamping * math.Sqrt(math.Max(0, 4*s.step*s.loss))
	}
	s.left.set(s.x.Right(), lambda)
	s.left.divide(s.dir.U, s.grad.U)
	if s.x.V != nil {
		s.right.set(s.x.U, lambda)
		s.right.divide(s.dir.V, s.grad.V)
	}
	return s.grad.Dot(s.dir)
}

// Step takes one step. When the length is to be found it returns ErrNoProgress
// if none decreases the objective beyond rounding.
func (s *scaledState) Step(ctx context.Context) error {
	slope := s.direct()
	if s.cfg.Step > 0 {
		s.accept(s.try(-s.step, s.dir), s.step)
		return nil
	}
	if err := s.ready(); err != nil {
		return err
	}
	if !(slope > 0 && finite(slope)) || s.best.idle >= patience {
		return lr.ErrNoProgress // or the gradient is below what the scaling resolves
	}
	return s.search(ctx, slope)
}

// search takes the first of the lengths step, step/2, step/4, … that does.
func (s *scaledState) search(ctx context.Context, slope float64) error {
	for t := s.step; ; t /= 2 {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss := s.try(-t, s.dir)
		falls := loss <= s.loss-t*slope/2 && !math.IsInf(loss, -1)
		if falls || indistinct(loss, s.loss) && s.nextGrad.Dot(s.dir) >= 0 {
			s.accept(loss, t)
			s.step = 1.1 * t
			s.best.see(&s.walk)
			return nil
		}
		if vanishes(t*s.dir.Norm(), s.x.Norm()) {
			return lr.ErrNoProgress
		}
	}
}
