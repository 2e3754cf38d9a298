package landscape

import (
	"fmt"
	"math"
)

// Sentence says in words what kind of point it is, how that is known, and what
// to do next.
func (c *Certificate) Sentence() string { return c.what() + " " + c.how() + " " + c.next() }

// what says what kind of point it is.
func (c *Certificate) what() string {
	k := c.Curvature
	switch c.Verdict {
	case LargeGradient:
		return fmt.Sprintf("The gradient is large: ‖∇g‖ = %.3g ≥ θ = %.3g.", c.GradNorm, c.Theta)
	case NegativeCurvature:
		return fmt.Sprintf("Negative curvature: a direction has %.4g ≤ −γ = %.3g, so this is no minimum.", k.Value, -c.Gamma)
	case NearOptimum:
		return fmt.Sprintf("Near the optimum: %.3g ≤ ζ = %.3g from the known truth.", c.Distance, c.Zeta)
	case SecondOrder:
		return c.secondOrder()
	}
	if math.IsNaN(k.Value) {
		return "Undecided: the search had no time to begin."
	}
	return fmt.Sprintf("Undecided: the gradient is small, and no curvature below −γ = %.3g was found with %d Hessian products.", -c.Gamma, k.Products)
}

func (c *Certificate) secondOrder() string {
	s := "A second-order point: the gradient is small, and the least curvature found is " + c.flatness() + "."
	switch {
	case c.TruthMinimum == Yes:
		return s + fmt.Sprintf(" It is %.3g away from the known truth, where the value is lower by %.3g: by all signs a spurious minimum, or a flat place.", c.Distance, c.Loss-c.TruthLoss)
	case c.TruthMinimum == No:
		return s + fmt.Sprintf(" It is %.3g away from the known truth, which is not where this objective has its minimum (noise and regularisers move it).", c.Distance)
	}
	return s
}

// flatness prints the least curvature, or that there is none.
func (c *Certificate) flatness() string {
	if c.Flat() {
		return fmt.Sprintf("0 within ±γ = %.3g (flat: second derivatives do not decide there)", c.Gamma)
	}
	return fmt.Sprintf("%.4g", c.Curvature.Value)
}

// Flat reports whether the least curvature found is 0 within γ, apart from
// directions that were left out of the search: second derivatives do not tell a
// minimum from a degenerate saddle then.
func (c *Certificate) Flat() bool { return math.Abs(c.Curvature.Value) <= c.Gamma }

// how says how the verdict is known.
func (c *Certificate) how() string {
	switch {
	case c.Rigorous && c.Verdict == NearOptimum:
		return "The numbers prove it, with the truth as the minimum: there the gradient is 0 and the value no larger than here."
	case c.Rigorous && c.Majoriser:
		return "The numbers prove it of the majoriser at this point."
	case c.Rigorous:
		return "The numbers prove it."
	case c.Verdict == NearOptimum && c.TruthMinimum == No:
		return "The truth is not where this objective has its minimum (noise and regularisers move it), so that this speaks of the truth, not of the optimum."
	case c.Verdict == NearOptimum:
		return "Whether the objective has its minimum there is not known."
	case c.Verdict == NegativeCurvature && c.Curvature.Gradients:
		return fmt.Sprintf("It is estimated from differences of gradients, with an error of about %.2g.", c.Curvature.Error)
	case c.Verdict == NegativeCurvature:
		return "It is an estimate that no product has confirmed, since the search was ended."
	case c.Verdict == SecondOrder:
		return "It is an estimate: that a search finds no negative curvature does not prove that there is none."
	}
	return "Nothing is proven."
}

// next says what to do.
func (c *Certificate) next() string {
	switch c.Verdict {
	case LargeGradient:
		if c.Curvature.Value < -c.Gamma {
			return "Go on with the method; there is negative curvature too."
		}
		return "Go on with the method."
	case NegativeCurvature:
		return "Step along the direction found (Escape does) and go on from there."
	case NearOptimum:
		return "Nothing is left to do."
	case SecondOrder:
		if c.Flat() {
			return "Perturb the point a little and go on: a minimum attracts it again."
		}
		if c.TruthMinimum == Yes {
			return "Start from elsewhere, or with more data."
		}
		return "Compare runs from other starts; the gap, where there is one, bounds what is to be gained."
	}
	return "Allow more products (Options.Products)."
}

// Proven lists what follows from the numbers alone, up to rounding.
func (c *Certificate) Proven() []string {
	var lines []string
	add := func(format string, a ...any) { lines = append(lines, fmt.Sprintf(format, a...)) }
	k := c.Curvature
	if !math.IsNaN(c.GradNorm) {
		add("‖∇%s‖ = %.4g, value %.6g", c.symbol(), c.GradNorm, c.Loss)
	}
	if !math.IsNaN(k.Value) && k.Confirmed && !k.Gradients {
		add("λmin ≤ %.6g: the curvature of the direction found", k.Value)
		add("an eigenvalue lies within %.2g of it, and λmax ≥ %.4g", k.Residual, k.Largest)
	}
	if !math.IsNaN(c.Distance) {
		add("%s = %.4g, relative error of M %.3g", c.distanceName(), c.Distance, c.RelErr)
	}
	if c.Gap != nil && c.Gap.Exact {
		add("%s", c.gapLine())
	}
	return lines
}

// Estimated lists what rests on an estimate or an assumption.
func (c *Certificate) Estimated() []string {
	var lines []string
	add := func(format string, a ...any) { lines = append(lines, fmt.Sprintf(format, a...)) }
	k := c.Curvature
	switch {
	case math.IsNaN(k.Value):
	case k.Gradients:
		add("λmin ≤ %.6g ± %.2g, from differences of gradients; an eigenvalue within %.2g of it", k.Value, k.Error, k.Residual)
	case !k.Confirmed:
		add("λmin ≤ %.6g, from the search alone", k.Value)
	}
	if !math.IsNaN(k.Value) {
		if k.Converged {
			add("λmin = %.6g: the search converged, residual %.2g", k.Value, k.Residual)
		} else {
			add("λmin is near %.4g, but the search has not converged, residual %.2g", k.Value, k.Residual)
		}
		c.lowerLine(add)
	}
	if c.Gap != nil && !c.Gap.Exact {
		add("%s, wrong with probability ≤ %.1g", c.gapLine(), c.Gap.Failure)
	}
	if c.Deflated > 0 {
		add("%d of %d directions of the %v group, in which g does not change, are left out", c.Deflated, c.GaugeDim, c.Gauge)
	}
	if c.TruthMinimum == Yes {
		add("the truth is the minimum: ‖∇g‖ = %.2g and value %.3g there", c.TruthGrad, c.TruthLoss)
	}
	return lines
}

// lowerLine says what the search excludes.
func (c *Certificate) lowerLine(add func(string, ...any)) {
	k := c.Curvature
	switch {
	case math.IsInf(k.Lower, -1):
		add("nothing is excluded below: too few products")
	case k.Failure == 0:
		add("all of the spectrum was seen")
	default:
		add("λmin ≥ %.3g with probability %.4g over the start of the search", k.Lower, 1-k.Failure)
	}
}

func (c *Certificate) gapLine() string {
	return fmt.Sprintf("f(X) ≤ min f + %.3g over ‖Y‖₊ ≤ ‖X‖₊ = %.4g", c.Gap.At(c.Gap.Nuclear), c.Gap.Nuclear)
}

// symbol is the name of the function that is certified.
func (c *Certificate) symbol() string {
	if c.Majoriser {
		return "g_x"
	}
	return "g"
}

func (c *Certificate) distanceName() string {
	if c.Gauge == Orthogonal {
		return "aligned distance ‖Δ‖ to the truth"
	}
	return "‖UVᵀ − M*‖"
}
