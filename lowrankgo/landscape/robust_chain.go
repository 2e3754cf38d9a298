package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// RobustTerms are the terms by which the proof of [G] Thm 15, or of Thm 5, goes
// from the curvature of the majoriser g_x along Δ† = U − U†R to the pseudo
// strict saddle. Those of an asymmetric problem are of the lift, four times the
// problem's, with W = [U; V] for U and twice the singular values of Data − S.
type RobustTerms struct {
	Near *SparseDistanceTerms // Lemma 14

	Curvature  float64 // Δ†:∇²g_x:Δ†
	DD         float64 // ‖Δ†Δ†ᵀ‖²
	EE         float64 // ‖UUᵀ − U†U†ᵀ‖²
	Gradient   float64 // ⟨∇g, Δ†⟩
	Residue    float64 // 6⟨Δ†Δ†ᵀ, A − P_r(A)⟩, A = Data − S; of the lift 24⟨Δ_U†Δ_V†ᵀ, A − P_r(A)⟩
	Unbalanced float64 // 6‖U†ᵀU − V†ᵀV‖², 0 when symmetric

	// Identity: Curvature = DD − 3EE + 4·Gradient + Residue − Unbalanced, Lemma 13
	// with A = M* + S* − S. It fails where the problem is not f, or f + ⅛R.
	Identity Check
	// End: Curvature ≤ −[2(√2−1)σᵣ − 6σᵣ₊₁]‖Δ†‖² + 4‖∇g‖‖Δ†‖, which holds anywhere
	// and is negative, for a small gradient, from the gap ratio 7.24 of A on.
	End Check

	// Point is the problem's own: the gradient, the curvature of g_x along
	// Δ†/‖Δ†‖, and the distance ‖Δ‖ to the truth.
	Point SaddleNumbers
}

// RobustChain evaluates the proof of [G] Thm 15 (symmetric robust PCA) or Thm 5
// (asymmetric, with Balance of μ = ½) at a point, term by term (arXiv:1704.00708):
// with S the minimiser at U frozen, g_x is a factorisation of A = M* + S* − S,
//
//	Δ†:∇²g_x:Δ† = ‖Δ†Δ†ᵀ‖² − 3‖UUᵀ − P_r(A)‖² + 4⟨∇g, Δ†⟩ + 6⟨Δ†Δ†ᵀ, A − P_r(A)⟩
//
// by Lemma 13, so that g_x has negative curvature or U is near U†; and then, by
// Lemma 14, near U*. So the objective is (ε, Ω(σᵣ*), O(ε√κ*/σᵣ*))-pseudo strict
// saddle where γα·μr·κ*⁵ ≤ 1/c. [StrictSaddleConstant] with scale √κ* fits what
// the two orders are at a set of points.
//
// Costs and errors are those of [SparseDistance], with a gradient and a Hessian
// product of the majoriser; a problem without one is an error.
func RobustChain(p lr.Problem, x *lr.Factors) (*RobustTerms, error) {
	near, err := SparseDistance(p, x)
	if err != nil {
		return nil, err
	}
	g, err := lr.MajoriserOf(p, x)
	if err != nil {
		return nil, fmt.Errorf("landscape: RobustChain: %w", err)
	}
	n := &RobustTerms{Near: near}
	d := near.near.Delta
	if n.Curvature, err = curvatureAlong(g, x, d); err != nil {
		return nil, err
	}
	grad := lr.NewPoint(p)
	p.NewEval().Grad(grad, x)
	n.Point = saddleNumbers(grad, n.Curvature, d)
	n.Point.Distance = near.Distance
	n.evaluate(x, d, grad)
	n.fillChecks(x, grad.Norm())
	return n, nil
}

func (n *RobustTerms) evaluate(x, d, grad *lr.Factors) {
	near := n.Near
	dd, w, target := stacked(d), stacked(x), stacked(near.near.Nearest)
	n.DD = squared(linalg.ProductNorm(dd, dd))
	n.EE = squared(linalg.DifferenceNorm(w, w, target, target))
	n.Gradient = grad.Dot(d)
	var rest, turned mat.Dense
	rest.Mul(near.Dagger.U, near.Dagger.Right().T())
	rest.Sub(near.rest, &rest)
	turned.Mul(&rest, d.Right())
	n.Residue = 6 * linalg.Dot(d.U, &turned)
	if !x.Symmetric() {
		n.Curvature, n.Gradient, n.Residue = 4*n.Curvature, 4*n.Gradient, 4*n.Residue
		n.Unbalanced = 6 * unbalanced(x, near.near.Nearest)
	}
}

func (n *RobustTerms) fillChecks(x *lr.Factors, grad float64) {
	item := "[G] Thm 15"
	top, next := n.Near.gap(x.Rank())
	if !x.Symmetric() {
		item, top, next, grad = "[G] Thm 5", 2*top, 2*next, 4*grad
	}
	n.Identity = Check{
		Item: item, Claim: "Δ†:∇²g_x:Δ† = ‖Δ†Δ†ᵀ‖² − 3‖UUᵀ − P_r(A)‖² + 4⟨∇g, Δ†⟩ + 6⟨Δ†Δ†ᵀ, A − P_r(A)⟩ − 6‖U†ᵀU − V†ᵀV‖²",
		Left: n.Curvature, Right: n.DD - 3*n.EE + 4*n.Gradient + n.Residue - n.Unbalanced,
		Scale: math.Abs(n.Curvature) + n.DD + 3*n.EE + 4*math.Abs(n.Gradient) + math.Abs(n.Residue) + n.Unbalanced,
	}
	dist := n.Near.ToDagger
	slack := 2 * (math.Sqrt2 - 1) * top
	n.End = Check{
		Item: item, Claim: "Δ†:∇²g_x:Δ† ≤ −[2(√2−1)σᵣ − 6σᵣ₊₁]‖Δ†‖² + 4‖∇g‖‖Δ†‖", Relation: AtMost,
		Left: n.Curvature, Right: (6*next-slack)*dist*dist + 4*grad*dist,
		Scale: n.Identity.Scale + (6*next+slack)*dist*dist + 4*grad*dist,
	}
}
