package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// ConjugateGradient is nonlinear conjugate gradients,
//
//	x⁺ = x + t·d,  d⁺ = −g⁺ + β·d,  β = ⟨y − 2d·‖y‖²/⟨d,y⟩, g⁺⟩ / ⟨d,y⟩,  y = g⁺ − g,
//
// g the gradient, with the β of Hager and Zhang (2005, SIAM J. Optim. 16:170),
// kept above 0.4·⟨g,d⟩/‖d‖² (2013, SIAM J. Optim. 23:2150). Then
// ⟨g,d⟩ ≤ −⅞‖g‖² whatever the line search does, and every limit point is
// critical. The length t meets the strong Wolfe conditions.
//
// It needs the square root of the steps of GD on ill-conditioned problems, at
// about two values with gradient a step; Step allocates nothing. Memory: five
// points.
type ConjugateGradient struct {
	// Curvature is the σ of the strong Wolfe conditions: the line search ends
	// when the slope is at most σ times that at its start; default 0.3. In (0, 1).
	Curvature float64
}

// Name prints the method and σ.
func (c ConjugateGradient) Name() string {
	return fmt.Sprintf("CG(Hager–Zhang, curvature %g)", c.curvature())
}

func (c ConjugateGradient) curvature() float64 {
	if c.Curvature == 0 {
		return 0.3
	}
	return c.Curvature
}

// Start evaluates p at x0, and once beside it for the first length. A
// Curvature that is not in (0, 1) is an error.
func (c ConjugateGradient) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := checkNumber("ConjugateGradient", "Curvature", c.Curvature, 1); err != nil {
		return nil, err
	}
	return &cgState{heading: newHeading(p, x0), curvature: c.curvature()}, nil
}

type cgState struct {
	heading
	curvature float64
}

// State lists what the next step depends on.
func (s *cgState) State() []any { return s.saved() }

// Step takes one step, and ends with ErrNoProgress when not even along −∇f(x)
// a length lowers the objective.
func (s *cgState) Step(ctx context.Context) error {
	slope, err := s.move(ctx, s.curvature)
	if err != nil {
		return err
	}
	bend := (slope - s.slope) / (s.taken * s.dir.Dot(s.dir)) // ⟨d,∇²f·d⟩/‖d‖² on the way
	s.conjugate(slope)
	if !s.descends() {
		s.restart()
		return nil
	}
	s.trial = -s.slope / (s.dir.Dot(s.dir) * bend) // Newton's length, were the next to bend as much
	return nil
}

// conjugate sets dir to the direction of Hager and Zhang, where slope is
// ⟨g⁺,d⟩ and the room for the next gradient holds g.
func (s *cgState) conjugate(slope float64) {
	y := s.nextGrad
	y.Scale(-1)
	y.AddScaled(1, s.grad)
	dy := slope - s.slope
	beta := (y.Dot(s.grad) - float64(2*slope*y.Dot(y)/dy)) / dy
	beta = math.Max(beta, 0.4*s.slope/s.dir.Dot(s.dir))
	s.dir.Scale(beta)
	s.dir.AddScaled(-1, s.grad)
	s.slope = s.grad.Dot(s.dir)
	s.steepest = false
}
