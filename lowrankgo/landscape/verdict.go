package landscape

import (
	"math"
)

func (v Verdict) String() string {
	switch v {
	case LargeGradient:
		return "large gradient"
	case NegativeCurvature:
		return "negative curvature"
	case NearOptimum:
		return "near the optimum"
	case SecondOrder:
		return "second-order point"
	}
	return "undecided"
}

const (
	relTheta = 1e-6 // θ of L·scale
	relGamma = 1e-6 // γ of L
	relZeta  = 1e-3 // ζ of the length of the solutions
	// relTruth is how small the gradient at the truth must be, as a part of L·scale,
	// for it to count as a critical point.
	relTruth = 1e-8
	// relValue is how much the value at the truth may be above g(x), as a part of
	// L·scale²: that is rounding.
	relValue = 1e-13
)

// judge fills the numbers of Def 2 and decides.
func (s *study) judge() {
	c := s.c
	l := c.largest()
	size := l * c.Scale
	c.RelGrad = quotient(c.GradNorm, size)
	c.Theta, c.Gamma, c.Zeta = s.o.Theta, s.o.Gamma, s.o.Zeta
	if c.Theta == 0 {
		c.Theta = relTheta * size
	}
	if c.Gamma == 0 {
		c.Gamma = math.Max(relGamma*l, 4*c.Curvature.Error)
	}
	if s.truth != nil {
		var length float64
		c.Distance, length = s.truth.distance(s.x, c.Gauge)
		if c.Zeta == 0 {
			c.Zeta = relZeta * length
		}
		if finite(size) {
			c.TruthMinimum = answer(c.TruthGrad <= relTruth*size && c.TruthLoss <= c.Loss+float64(relValue*size*c.Scale))
		}
	}
	c.Verdict, c.Rigorous = s.verdict()
}

func (s *study) verdict() (v Verdict, rigorous bool) {
	c := s.c
	value := c.Curvature.Value
	switch {
	case c.GradNorm > 0 && c.GradNorm >= c.Theta:
		return LargeGradient, true
	case value < 0 && value <= -c.Gamma:
		return NegativeCurvature, c.Curvature.Confirmed && !c.Curvature.Gradients
	case c.Distance <= c.Zeta:
		return NearOptimum, c.TruthMinimum == Yes
	case s.decided && c.Curvature.Confirmed:
		return SecondOrder, false
	}
	return Undecided, false
}

// quotient is a/b, 0 when both are.
func quotient(a, b float64) float64 {
	if a == 0 && !math.IsNaN(b) {
		return 0
	}
	return a / b
}
