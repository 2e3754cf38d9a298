package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// CompletionTerms are the terms by which the proof of [G] Thm 12, or of Thm 4,
// goes from the curvature along Δ to −0.2σᵣ*‖Δ‖² + 4ε‖Δ‖. Those of an asymmetric
// problem are of the lift, four times the problem's, with W = [U; V] for U and
// σᵣ(N*) = 2σᵣ* for σᵣ*.
type CompletionTerms struct {
	Rows      *RowBoundTerms  // Lemma 9
	Direction *DirectionTerms // Lemma 10
	RowNorm   *RowNormTerms   // Lemma 11, of the problem's own Q also where that is lifted

	Curvature  float64 // Δ:∇²g:Δ
	Gradient   float64 // ⟨∇g, Δ⟩
	Penalty    float64 // Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩
	Unbalanced float64 // 6‖U*ᵀU − V*ᵀV‖², 0 when symmetric

	// Identity: Curvature = DHD − 3EHE + 4·Gradient + Penalty − Unbalanced, (9)
	// and (17) with its remainder. It fails where the problem is not f + ⅛R + Q
	// with the case's Q.
	Identity Check
	// End: Curvature ≤ −0.2σᵣ*‖Δ‖² + 4‖∇g‖‖Δ‖, which follows where Lemmas 10
	// and 11 hold.
	End Check

	Point SaddleNumbers // of the problem itself, with the curvature along Δ/‖Δ‖
}

// CompletionChain evaluates the proof of [G] Thm 12 (symmetric completion) or
// Thm 4 (asymmetric) at a point, term by term (arXiv:1704.00708),
//
//	Δ:∇²g:Δ = [ΔΔᵀ:H:ΔΔᵀ − 3(M−M*):H:(M−M*)] + 4⟨∇g, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩]
//	        ≤ −0.3σᵣ*‖Δ‖² + 4‖∇g‖‖Δ‖ + 0.1σᵣ*‖Δ‖²
//
// by Lemma 10, Cauchy's inequality and Lemma 11 with the constant that adds up.
// So a point with ‖∇g‖ ≤ ε and ‖Δ‖ ≥ 40ε/σᵣ* has curvature of −0.1σᵣ* or less:
// the (ε, Ω(σᵣ*), O(ε/σᵣ*))-strict saddle. [StrictSaddleConstant] fits what the
// two orders are at a set of points.
//
// Matrix-free; it costs a gradient, a Hessian product and two applications of
// the operator. Errors are those of [RowBound], and a problem without Hessian
// products.
func CompletionChain(c CompletionCase, x *lr.Factors) (*CompletionTerms, error) {
	at, err := c.at(x)
	if err != nil {
		return nil, err
	}
	n := &CompletionTerms{Direction: at.direction()}
	if n.Rows, err = at.rowBound(); err != nil {
		return nil, err
	}
	if n.RowNorm, err = rowNormTerms(at.Penalty, x, at.t); err != nil {
		return nil, err
	}
	curvature, err := curvatureAlong(c.Problem, x, at.t.Delta)
	if err != nil {
		return nil, err
	}
	n.Point = saddleNumbers(at.grad, curvature, at.t.Delta)
	n.Curvature, n.Gradient, n.Penalty = curvature, at.grad.Dot(at.t.Delta), 4*n.RowNorm.Quarter
	item, bound := "[G] Thm 12", 4*at.grad.Norm()*at.t.Distance
	if !x.Symmetric() {
		item = "[G] Thm 4"
		for _, v := range []*float64{&n.Curvature, &n.Gradient, &n.Penalty, &bound} {
			*v *= 4
		}
		n.Unbalanced = 6 * unbalanced(x, at.t.Nearest)
	}
	n.fillChecks(item, bound)
	return n, nil
}

func (n *CompletionTerms) fillChecks(item string, gradient float64) {
	d := n.Direction
	n.Identity = Check{
		Item: item, Claim: "Δ:∇²g:Δ = ΔΔᵀ:H:ΔΔᵀ − 3(M−M*):H:(M−M*) + 4⟨∇g, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] − 6‖U*ᵀU − V*ᵀV‖²",
		Left: n.Curvature, Right: d.DHD - 3*d.EHE + 4*n.Gradient + n.Penalty - n.Unbalanced,
		Scale: math.Abs(n.Curvature) + math.Abs(d.DHD) + 3*math.Abs(d.EHE) + 4*math.Abs(n.Gradient) + math.Abs(n.Penalty) + n.Unbalanced,
	}
	left := 0.2 * d.SigmaR * d.SqDelta
	n.End = Check{
		Item: item, Claim: "Δ:∇²g:Δ ≤ −0.2σᵣ*‖Δ‖² + 4‖∇g‖‖Δ‖", Relation: AtMost,
		Left: n.Curvature, Right: gradient - left, Scale: n.Identity.Scale + gradient + left,
		Hypotheses: []Hypothesis{
			{"Lemma 10 holds here: (3EHE − DHD)/(σᵣ*‖Δ‖²) ≥ 0.3", answer(d.Bound.Holds(1e-12)), d.Constant},
			{"Lemma 11 holds here: ¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩]/‖Δ‖² small enough", answer(n.RowNorm.Share.Holds(1e-12)), n.RowNorm.Quarter / n.RowNorm.SqDelta},
		},
	}
}

// unbalanced is ‖U*ᵀU − V*ᵀV‖².
func unbalanced(x, target *lr.Factors) float64 {
	var a, b mat.Dense
	a.Mul(target.U.T(), x.U)
	b.Mul(target.V.T(), x.V)
	a.Sub(&a, &b)
	return sqNorm(&a)
}

// curvatureAlong is ⟨d, ∇²g(x)d⟩.
func curvatureAlong(p lr.Problem, x, d *lr.Factors) (float64, error) {
	h, ok := lr.HessVecOf(p)
	if !ok {
		return 0, fmt.Errorf("landscape: this item needs %v, which the problem lacks: %w", lr.AbilityHessVec, lr.ErrAbility)
	}
	out := lr.NewPoint(p)
	h.HessVec(out, x, d)
	return out.Dot(d), nil
}
