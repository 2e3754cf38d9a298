package landscape

import (
	"fmt"
	"strings"
)

// withChecks prints a head, and below it each check with its hypotheses.
func withChecks(head string, checks ...Check) string {
	var b strings.Builder
	b.WriteString(head)
	for _, c := range checks {
		b.WriteString("\n")
		b.WriteString(c.String())
	}
	return b.String()
}

// withHypotheses adds a line for each.
func withHypotheses(head string, all []Hypothesis) string {
	for _, h := range all {
		head += fmt.Sprintf("\n  %v", h)
	}
	return head
}

func (w *RowCurvature) String() string {
	return fmt.Sprintf("K(%.4g) = %.10g, in closed form %.10g, at u = %.4g, u* = %.4g (units of α)", w.C, w.K, w.Closed, w.Row, w.Target)
}

func (n *RowNormTerms) String() string {
	return withChecks(fmt.Sprintf("¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] = ¼·%.6g − %.6g = %.6g, ‖Δ‖² %.6g", n.Curvature, n.Slope, n.Quarter, n.SqDelta), n.Bound, n.Share)
}

func (b *RowBoundTerms) String() string {
	s := fmt.Sprintf("[G] Lemma 9: maxᵢ‖eᵢᵀU‖² = %.4g", b.MaxRow)
	if b.MaxRowV > 0 {
		s += fmt.Sprintf(", maxⱼ‖eⱼᵀV‖² = %.4g", b.MaxRowV)
	}
	return withHypotheses(s+fmt.Sprintf("; in the unit (μr)^1.5κ*σ₁*/d %.4g (empirical)", b.Ratio), b.Hypotheses)
}

func (n *DirectionTerms) String() string {
	return withChecks(fmt.Sprintf("D:H:D %.6g, −3E:H:E %.6g, together −%.4gσᵣ*‖Δ‖²", n.DHD, -3*n.EHE, n.Constant), n.Bound)
}

func (n *CompletionTerms) String() string {
	s := fmt.Sprintf("%s: Δ:∇²g:Δ = %.6g\n  D:H:D %.6g, −3E:H:E %.6g, 4⟨∇g, Δ⟩ %.6g, of Q %.6g",
		n.Identity.Item, n.Curvature, n.Direction.DHD, -3*n.Direction.EHE, 4*n.Gradient, n.Penalty)
	if n.Unbalanced > 0 {
		s += fmt.Sprintf(", −6‖U*ᵀU − V*ᵀV‖² %.6g", -n.Unbalanced)
	}
	return withChecks(s+fmt.Sprintf(", residual %.2g", n.Identity.Residual()), n.End)
}

func (t *FactorisationTerms) String() string {
	s := fmt.Sprintf("[G] Lemma 13: Δ:∇²f:Δ = %.6g, f = ½‖UUᵀ − A‖²\n  ‖ΔΔᵀ‖² %.6g, −3‖E‖² %.6g, 4⟨∇f, Δ⟩ %.6g, 6⟨ΔΔᵀ, A − P_r(A)⟩ %.6g, residual %.2g",
		t.Curvature, t.DD, -3*t.EE, 4*t.Gradient, 6*t.Residue, t.Identity.Residual())
	return withHypotheses(s, t.Conclusion)
}

func (s SwapSaddle) String() string {
	with := fmt.Sprintf("pair %d", s.In)
	if s.In < 0 {
		with = "a column of 0"
	}
	return fmt.Sprintf("%s in place of pair %d: λmin = %.6g of ½‖UUᵀ − A‖²", with, s.Out, s.LambdaMin)
}

func (c *SaddleConstant) String() string {
	return fmt.Sprintf("empirical: c = %.4g, allowed by point %d; %d points by their curvature, %d by their distance", c.C, c.Worst, c.Curved, c.Near)
}

func (n *SparseDistanceTerms) String() string {
	s := fmt.Sprintf("[G] Lemma 14: ‖Δ‖ = %.6g, min_R‖U − U†R‖ = %.6g, κ* = %.4g, ratio %.4g (empirical); S has %d entries",
		n.Distance, n.ToDagger, n.Kappa, n.Ratio, n.S.NNZ())
	return withHypotheses(s, n.Hypotheses)
}

func (n *RobustTerms) String() string {
	s := fmt.Sprintf("%s: Δ†:∇²g_x:Δ† = %.6g\n  ‖Δ†Δ†ᵀ‖² %.6g, −3‖E†‖² %.6g, 4⟨∇g, Δ†⟩ %.6g, of A − P_r(A) %.6g",
		n.Identity.Item, n.Curvature, n.DD, -3*n.EE, 4*n.Gradient, n.Residue)
	if n.Unbalanced > 0 {
		s += fmt.Sprintf(", −6‖U†ᵀU − V†ᵀV‖² %.6g", -n.Unbalanced)
	}
	return withChecks(s+fmt.Sprintf(", residual %.2g", n.Identity.Residual()), n.End)
}

func (n *PseudoSaddle) String() string {
	s := withChecks("the majoriser at the point", n.Equal, n.Gradient, n.Above) + fmt.Sprintf("\n  at the worst of %d probes", n.Probes)
	if n.Certificate != nil {
		s += "\n" + n.Certificate.String()
	}
	return s
}
