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
		return fmt.Sprintf("The gradient is large: ‖∇%s‖ = %.3g ≥ θ = %.3g.", c.symbol(), c.GradNorm, c.Theta)
	case NegativeCurvature:
		return fmt.Sprintf("Negative curvature: a direction v has ⟨v, ∇²%s v⟩ = %.4g ≤ −γ = %.3g, so this is no minimum.", c.symbol(), k.Value, -c.Gamma)
	case NearOptimum:
		return fmt.Sprintf("Near the optimum: the distance to the known truth is %.3g ≤ ζ = %.3g.", c.Distance, c.Zeta)
	case SecondOrder:
		return "A second-order point: the gradient is small, and the least curvature found is " + c.least() + "." + c.seenFromTruth()
	}
	if math.IsNaN(k.Value) {
		return "Undecided: the search for negative curvature did not begin."
	}
	return fmt.Sprintf("Undecided: the gradient is small, and no curvature below −γ = %.3g was found by %s.", -c.Gamma, c.products())
}

// least prints the least curvature, or that there is none.
func (c *Certificate) least() string {
	if c.Flat() {
		return fmt.Sprintf("0 within γ = %.3g (flat: second derivatives do not decide)", c.Gamma)
	}
	return fmt.Sprintf("%.4g", c.Curvature.Value)
}

// seenFromTruth says what a second-order point away from the truth may be.
func (c *Certificate) seenFromTruth() string {
	switch {
	case c.TruthMinimum == Yes:
		return fmt.Sprintf(" The known truth is %.3g away, and the value there lower by %.3g: this is what a spurious minimum looks like.", c.Distance, c.Loss-c.TruthLoss)
	case c.TruthMinimum == No:
		return fmt.Sprintf(" The known truth is %.3g away, but this objective does not have its minimum there (noise, a regulariser or a smaller rank moves it).", c.Distance)
	}
	return ""
}

// Flat reports whether the least curvature found is 0 within γ, apart from
// directions that were left out of the search: second derivatives do not tell a
// minimum from a degenerate saddle then.
func (c *Certificate) Flat() bool { return math.Abs(c.Curvature.Value) <= c.Gamma }

// how says how the verdict is known.
func (c *Certificate) how() string {
	switch {
	case c.Rigorous && c.Verdict == NearOptimum:
		return "The numbers prove it, given that the truth is the minimum: the gradient there is 0 and the value not above this one."
	case c.Rigorous && c.Majoriser:
		return "The numbers prove it for g_x, the majoriser at this point."
	case c.Rigorous:
		return "The numbers prove it."
	case c.Verdict == NearOptimum && c.TruthMinimum == No:
		return "It is near the truth, but this objective does not have its minimum there (noise, a regulariser or a smaller rank moves it): nothing is proven of the optimum."
	case c.Verdict == NegativeCurvature && c.Curvature.Confirmed:
		return fmt.Sprintf("It is an estimate from differences of gradients, with an error of about %.2g.", c.Curvature.Error)
	case c.Verdict == NegativeCurvature:
		return "It is an estimate that no product of its own confirms, since the search was cut short."
	case c.Verdict == SecondOrder:
		return "It is an estimate: a search that finds no negative curvature does not prove that there is none."
	}
	return "Nothing is proven."
}

// next says what to do.
func (c *Certificate) next() string {
	switch c.Verdict {
	case LargeGradient:
		switch {
		case c.Distance <= c.Zeta:
			return "It is near the known truth already; go on with the method for more digits."
		case c.Curvature.Value <= -c.Gamma:
			return fmt.Sprintf("Go on with the method; there is negative curvature too, %.4g.", c.Curvature.Value)
		}
		return "Go on with the method."
	case NegativeCurvature:
		return "Step along Curvature.Direction, as Escape does, and go on from there."
	case NearOptimum:
		if c.Flat() {
			return "There are flat directions: more data, or a smaller rank, would determine them."
		}
		return "Nothing is left to do."
	case SecondOrder:
		if c.Flat() {
			return "Perturb the point and go on: a minimum attracts it again, a degenerate saddle does not."
		}
		if c.TruthMinimum == Yes {
			return "Start from elsewhere, or take more data."
		}
		if c.Gap != nil {
			return "Compare runs from other starts: the gap bounds what they can gain."
		}
		return "Compare runs from other starts."
	}
	return "Allow more products (Options.Products)."
}

// symbol is the name of the function that is certified.
func (c *Certificate) symbol() string {
	if c.Majoriser {
		return "g_x"
	}
	return "g"
}

// lines collects printed lines.
type lines []string

func (l *lines) add(format string, a ...any) { *l = append(*l, fmt.Sprintf(format, a...)) }

// Proven lists what follows from the numbers alone, up to rounding, one line
// each.
func (c *Certificate) Proven() []string {
	var out lines
	k := c.Curvature
	if !math.IsNaN(c.GradNorm) {
		out.add("value %.6g, ‖∇%s‖ = %.4g", c.Loss, c.symbol(), c.GradNorm)
	}
	if k.Confirmed && !k.Gradients {
		out.add("λmin ≤ %.6g: the curvature of the direction found", k.Value)
		out.add("an eigenvalue lies within %.2g of it; λmax ≥ %.4g", k.Residual, k.Largest)
	}
	if !math.IsNaN(c.Distance) {
		out.add("%s = %.4g%s", c.distanceName(), c.Distance, c.relErr())
	}
	if c.Gap != nil && c.Gap.Exact {
		out.add("%s, since f is convex", c.gapLine())
	}
	return out
}

// Estimated lists what rests on an estimate or an assumption, one line each.
func (c *Certificate) Estimated() []string {
	var out lines
	c.curvatureLines(&out)
	if c.Gap != nil && !c.Gap.Exact {
		out.add("%s, since f is convex; wrong with probability ≤ %.1g", c.gapLine(), c.Gap.Failure)
	}
	switch c.TruthMinimum {
	case Yes:
		out.add("the objective has its minimum at the truth: there ‖∇g‖ = %.2g and the value is %.3g", c.TruthGrad, c.TruthLoss)
	case No:
		if !math.IsNaN(c.TruthGrad) {
			out.add("the objective does not have its minimum at the truth: there ‖∇g‖ = %.2g and the value is %.3g", c.TruthGrad, c.TruthLoss)
		}
	}
	return out
}

// curvatureLines says how far the search can be trusted.
func (c *Certificate) curvatureLines(out *lines) {
	k := c.Curvature
	switch {
	case math.IsNaN(k.Value):
		return
	case k.Gradients && k.Confirmed:
		out.add("λmin ≤ %.6g with an error of about %.2g, from differences of gradients", k.Value, k.Error)
	case !k.Confirmed:
		out.add("λmin ≤ %.6g, from a search that was cut short", k.Value)
	}
	rest := ""
	if c.Deflated > 0 {
		rest = fmt.Sprintf(", apart from %d directions in which g does not change", c.Deflated)
	}
	if k.Converged {
		out.add("λmin = %.5g%s: the search converged", k.Value, rest)
	} else {
		out.add("λmin is about %.3g%s: the search did not converge", k.Value, rest)
	}
	switch {
	case math.IsInf(k.Lower, -1):
		out.add("no bound from below: too few products")
	case k.Failure > 0:
		out.add("λmin ≥ %.3g%s, but for a probability of %.1g over the start of the search", k.Lower, rest, k.Failure)
	}
}

func (c *Certificate) gapLine() string {
	tau := c.radius()
	return fmt.Sprintf("f(X) − min f ≤ %.3g over ‖Y‖₊ ≤ %.4g", c.Gap.At(tau), tau)
}

// radius is a nuclear norm that holds X and, if it is known, the truth: half of
// Scale², which for balanced factors is ‖M‖₊, or all of it when symmetric.
func (c *Certificate) radius() float64 {
	tau := float64(c.Scale * c.Scale)
	if !c.Symmetric {
		tau /= 2
	}
	return math.Max(tau, c.Gap.Nuclear)
}

// relErr prints the relative error of M, which there is none of when M* is 0.
func (c *Certificate) relErr() string {
	if math.IsNaN(c.RelErr) {
		return ""
	}
	return fmt.Sprintf(", relative error of M %.3g", c.RelErr)
}

func (c *Certificate) distanceName() string {
	if c.Gauge == Orthogonal {
		return "aligned distance ‖Δ‖ to the truth"
	}
	return "‖UVᵀ − M*‖"
}
