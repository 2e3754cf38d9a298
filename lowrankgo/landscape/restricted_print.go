package landscape

import (
	"fmt"
	"math"
)

func (l *Lifting) String() string {
	head := fmt.Sprintf("[G] Lemma 16: Δ:∇²f(W):Δ = %.6g, ‖Δ‖ = %.6g, ‖∇f‖ = %.6g\n  D:H:D %.6g, −3(N−N*):H:(N−N*) %.6g, 4⟨∇f, Δ⟩ %.6g, of Q %.6g; ‖U*ᵀU − V*ᵀV‖² = %.6g",
		l.Curvature, l.Alignment.Distance, l.GradNorm, l.DHD, -3*l.EHE, 4*l.GradDotDelta, l.QCurvature-4*l.QGradDotD, l.Cross)
	return withChecks(head, l.Equality, l.Inequality)
}

func (l *LiftedNorms) String() string {
	head := fmt.Sprintf("[G] Lemma 16, isometry: N:H:N/‖N‖² is off 1 by %.4g where M:H₀:M/‖M‖² is by δ = %.4g%s; of N − N* by %.4g where of M − M* by δ = %.4g%s",
		l.Lifted, l.Delta, share(l.Lifted, l.Delta), l.LiftedError, l.DeltaError, share(l.LiftedError, l.DeltaError))
	return withChecks(head, l.Point, l.Error)
}

// share prints a as a multiple of δ, where there is one.
func share(a, delta float64) string {
	if delta == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.4gδ)", a/delta)
}

func (p ScalarPoint) String() string {
	kind := "a minimiser"
	if p.Verdict == NegativeCurvature {
		kind = "a strict saddle"
	}
	return fmt.Sprintf("(%.4g, %.4g): %s, eigenvalues %.4g and %.4g", p.U, p.V, kind, p.Eigenvalues[0], p.Eigenvalues[1])
}

func (b *RestrictedBound) String() string {
	s := fmt.Sprintf("[L] Def III.1, X of rank ≤ %d, D of rank ≤ %d: α ≤ %.4g, β ≥ %.4g, β/α ≥ %.4g (a lower bound, from %d X)",
		b.RankX, b.RankD, b.Alpha, b.Beta, b.Ratio, b.Points)
	if b.Counted {
		s += fmt.Sprintf("\n  α = 0: 𝒜(D) = 0 is %d equations in %d unknowns", b.Equations, b.Unknowns)
	}
	return withHypotheses(s, []Hypothesis{b.Hypothesis})
}

func (b *Balancing) String() string {
	head := fmt.Sprintf("[L] Thm III.1 at a point of full rank: ‖UᵀU − VᵀV‖ = %.4g, ‖∇g‖ = %.4g\n  ∇²g̃(Ũ,Ṽ)[D̃,D̃] = %.6g (μ = %.4g, residual %.2g), ∇²g(U,V)[D,D] = %.6g, Rayleigh quotient %.6g",
		b.Unbalance, b.GradNorm, b.Regularised, b.Mu, b.Residual, b.Curvature, b.Curvature/squared(b.Direction.Norm()))
	worst := 0.0
	for _, c := range b.Checks {
		worst = math.Max(worst, c.Residual())
	}
	return withChecks(head+fmt.Sprintf("; identities to %.2g", worst), b.Strict)
}

func (d *Deficiency) String() string {
	own, other, exact := "U", "V", ""
	if !d.NullOfU {
		own, other = other, own
	}
	if !d.Exact {
		exact = " (estimated from below)"
	}
	s := fmt.Sprintf("[L] Thm III.1 where %sb = 0: ‖%sb‖ = %.4g, ‖∇f‖₂ = %.6g%s, c = %.6g\n  λmin(∇²g) ≤ %.6g, attained by a direction to %.2g",
		own, other, d.Other, d.Gradient, exact, d.C, d.Bound, d.Attained.Residual())
	if !math.IsNaN(d.LambdaMin) {
		s += fmt.Sprintf("; it is %.6g", d.LambdaMin)
	}
	return withChecks(s, d.Strict)
}

func (t *ConsensusTerms) String() string {
	head := fmt.Sprintf("(II.5) = %.6g, ‖∇‖ = %.4g; of (II.3) at the mean ‖∇‖ = %.4g; Σw‖Uⁱ − Uʲ‖² = %.4g, Σ‖Uʲ − Ū‖² = %.4g",
		t.Value, t.GradNorm, t.Separable, t.Disagreement, t.Spread)
	return withChecks(head, t.Identity, t.Agreement, t.Transfer)
}
