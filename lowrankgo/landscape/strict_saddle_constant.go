package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// SaddleNumbers are what [G] Def 2 asks of a point: the size of the gradient,
// a curvature (the smallest eigenvalue, or that along any unit direction, which
// is no smaller), and the distance to the solutions.
type SaddleNumbers struct {
	GradNorm  float64 // ‖∇g‖
	Curvature float64 // ⟨v, ∇²g v⟩, ‖v‖ = 1
	Distance  float64 // ‖Δ‖F
}

// saddleNumbers takes v = Δ/‖Δ‖; at Δ = 0 the curvature is 0.
func saddleNumbers(grad *lr.Factors, curvature float64, delta *lr.Factors) SaddleNumbers {
	s := SaddleNumbers{GradNorm: grad.Norm(), Distance: delta.Norm()}
	if s.Distance > 0 {
		s.Curvature = curvature / (s.Distance * s.Distance)
	}
	return s
}

// SaddleConstant is a constant of a strict saddle property, as found at points.
type SaddleConstant struct {
	// C is the largest c for which every point with ε = its own ‖∇g‖ has
	// −curvature ≥ cσ or distance ≤ scale·ε/(cσ). At or below 0 there is none.
	C     float64
	Worst int // the point that allows no more
	// Curved counts the points that owe their c to their curvature, Near those
	// that owe it to their distance.
	Curved, Near int
	Sigma, Scale float64 // as given
}

// StrictSaddle says which case of Def 2 a point is in for the (θ, γ, ζ) that
// belong to the constant,
//
//	θ = ε,  γ = C·σ,  ζ = scale·ε/(C·σ)
//
// C may be that of [StrictSaddleConstant] or any other: a
// SaddleConstant{C: 0.1, Sigma: 1, Scale: 1} makes the theorem's constants
// parameters.
func (c SaddleConstant) StrictSaddle(eps float64, p SaddleNumbers) StrictSaddle {
	s := StrictSaddle{
		Theta: eps, Gamma: c.C * c.Sigma, Zeta: c.Scale * eps / (c.C * c.Sigma),
		GradNorm: p.GradNorm, Curvature: p.Curvature, Distance: p.Distance,
	}
	s.LargeGradient, s.NegativeCurvature, s.Near = s.GradNorm >= s.Theta, s.Curvature <= -s.Gamma, s.Distance <= s.Zeta
	return s
}

// StrictSaddleConstant fits the constant that [G] Thms 4, 5, 12 and 15
// (arXiv:1704.00708) leave open, to points anywhere: with σ = σᵣ* and scale = 1
// for completion, √κ* for robust PCA, each point x must have
//
//	λmin(∇²g(x)) ≤ −c·σ   or   ‖Δ‖ ≤ scale·‖∇g(x)‖/(c·σ)
//
// since it is a point with ‖∇g‖ ≤ ε for ε = ‖∇g(x)‖. A point allows any c up to
// the larger of −λ/σ and scale·‖∇g‖/(σ‖Δ‖), and one with Δ = 0 any. What is found
// is empirical: a statement about these points. No points, a σ or scale that is
// not positive, and numbers that are not finite or negative are errors.
func StrictSaddleConstant(sigma, scale float64, points []SaddleNumbers) (*SaddleConstant, error) {
	if len(points) == 0 {
		return nil, fmt.Errorf("landscape: StrictSaddleConstant was given no points; at least one is wanted: %w", lr.ErrEmpty)
	}
	if !(sigma > 0) || !(scale > 0) || !finite(sigma) || !finite(scale) {
		return nil, fmt.Errorf("landscape: StrictSaddleConstant was given σ = %v, scale = %v; positive finite numbers are wanted: %w", sigma, scale, lr.ErrValue)
	}
	s := &SaddleConstant{C: math.Inf(1), Sigma: sigma, Scale: scale}
	for i, p := range points {
		if !(p.GradNorm >= 0) || !(p.Distance >= 0) || !finite(p.GradNorm) || !finite(p.Distance) || !finite(p.Curvature) {
			return nil, fmt.Errorf("landscape: point %d has gradient %v, curvature %v, distance %v; finite numbers are wanted, the first and the last at least 0: %w", i, p.GradNorm, p.Curvature, p.Distance, lr.ErrValue)
		}
		curved, near := -p.Curvature/sigma, math.Inf(1)
		if p.Distance > 0 {
			near = scale * p.GradNorm / (sigma * p.Distance)
		}
		if curved > near {
			s.Curved++
		} else {
			s.Near++
		}
		if c := math.Max(curved, near); c < s.C {
			s.C, s.Worst = c, i
		}
	}
	return s, nil
}
