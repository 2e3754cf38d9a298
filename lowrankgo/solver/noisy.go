package solver

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// NoisySGD is stochastic gradient descent with noise added to each gradient,
//
//	x ← x − η_k (g + ξ),  ξ uniform on the sphere of radius Noise,
//	η_k = η/(1 + Decay·k)  in pass k = 0, 1, …
//
// where g is the gradient of a batch as in [SGD] or, for a problem without
// batches, the whole gradient. One Step is one pass over the data: all batches
// of a random division, or one whole gradient.
//
// The noise leaves any strict saddle, also one at which every gradient is
// exactly 0 and [SGD] and [GD] stay: for a strict-saddle objective the point is
// within Õ(√η) of a local minimum after Õ(1/η²) steps, with high probability
// (Ge, Huang, Jin, Yuan 2015, COLT, arXiv:1503.02101). The noise never
// ends, so the error settles where it balances the descent; Decay > 0 takes it
// down like 1/√k. To converge to high accuracy, go on with another method from
// there, or use PerturbedGD, which adds noise only where the gradient is small.
//
// Without a Step, η is half of 1/L, L an estimate of the largest curvature of a
// batch at the start. A pass that ends at a value that is not finite, or above
// twice the larger of those at the start and at M = 0, is undone and taken
// again with half the step from then on.
//
// A step costs two gradients (one without batches) and for each batch the size
// of the factors in random numbers; it looks at its context before each batch
// and allocates nothing.
type NoisySGD struct {
	Batch int     // terms in a batch, at most all; default d1 + d2
	Step  float64 // η; default: found
	Decay float64 // ≥ 0; default 0
	// Noise is the radius of ξ, in units of the gradient. Default: such that
	// the noise of a pass moves the point by a thousandth of the size of the
	// solution, taken as the larger of ‖x0‖ and √‖M*‖ with ‖M*‖ guessed from the
	// values of f along a ray.
	Noise float64
	Seed  uint64 // of the order and the noise
}

// Name prints the parameters.
func (g NoisySGD) Name() string { return "NoisySGD" + g.config().String() }

func (g NoisySGD) config() passConfig {
	return passConfig{method: "NoisySGD", batch: g.Batch, step: g.Step, decay: g.Decay, noise: g.Noise, seed: g.Seed}
}

// Start evaluates p at x0 and at some points beside it. A field out of range is
// an error.
func (g NoisySGD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	c := g.config()
	if err := c.check(); err != nil {
		return nil, err
	}
	s := newPasses(c, p, x0)
	if g.Step == 0 {
		s.base /= 2
	}
	s.nextX.Scale(0)
	zero := s.eval.Grad(nil, s.nextX)
	s.bound = 2 * math.Max(s.loss, zero)
	s.accepts = func(loss float64) bool { return loss <= s.bound }
	s.grow = 1
	s.noise = g.Noise
	if s.noise == 0 {
		s.noise = 1e-3 * s.solutionSize(zero) / (s.base * math.Sqrt(float64(s.count)))
	}
	s.xi = lr.NewPoint(p)
	return s, nil
}

// solutionSize is the larger of ‖x‖ and √‖M*‖, where an objective of curvature
// L falls by (L/2)‖M*‖² from its value at 0, zero.
func (s *passes) solutionSize(zero float64) float64 {
	curvature := rayCurvature(s.eval, s.x, s.loss, s.nextX)
	size := math.Sqrt(math.Sqrt(2 * zero / curvature))
	if !finite(size) {
		size = 1
	}
	return math.Max(s.x.Norm(), size)
}
