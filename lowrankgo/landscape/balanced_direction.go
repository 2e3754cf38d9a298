package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Balancing is the construction of [L] Thm III.1 at a point of full rank, made by
// [BalancedDirection]: what takes the point to a balanced one, and a direction
// back.
type Balancing struct {
	Mu        float64     // μ of the regularised objective
	G1, G2    *mat.Dense  // r×r, G₁G₂ᵀ = I
	Singular  []float64   // Σ of UVᵀ = PΣQᵀ
	Balanced  *lr.Factors // Ũ = UG₁ = PΣ^½ and Ṽ = VG₂ = QΣ^½
	Unbalance float64     // ‖UᵀU − VᵀV‖F of the point itself
	Tilde     *lr.Factors // D̃, of norm 1: the direction at the balanced point
	Direction *lr.Factors // D = (D̃_U G₁⁻¹, D̃_V G₂⁻¹), the direction at the point
	GradNorm  float64     // ‖∇g(U, V)‖F

	Regularised float64 // ∇²g̃(Ũ, Ṽ)[D̃, D̃]
	Residual    float64 // of D̃ as an eigenvector of ∇²g̃(Ũ, Ṽ)
	Curvature   float64 // ∇²g(U, V)[D, D]

	Checks []Check // the identities of the proof
	Strict Check   // ∇²g(U, V)[D, D] ≤ 0, with the theorem's hypotheses

	largest float64 // eigenvalue of ∇²g̃(Ũ, Ṽ) found, in size
}

// BalancedDirection carries out the first case of the proof of [L] Thm III.1
// (arXiv:2003.10981) at a point where UVᵀ has rank r. From the SVD UVᵀ = PΣQᵀ,
//
//	G₁ = (UᵀU)⁻¹UᵀPΣ^½,  G₂ = (VᵀV)⁻¹VᵀQΣ^½,  G₁G₂ᵀ = I,  UG₁ = PΣ^½,  VG₂ = QΣ^½
//
// takes (U, V) to the balanced (Ũ, Ṽ) with the same product. There it looks for
// the direction D̃ of least curvature of the regularised objective
// g̃ = g + (μ/4)‖UᵀU − VᵀV‖F², and brings it back:
//
//	D = (D̃_U G₁⁻¹, D̃_V G₂⁻¹),  ∇²g(U, V)[D, D] = ∇²g̃(Ũ, Ṽ)[D̃, D̃] − (μ/2)‖ŨᵀD̃_U + D̃_UᵀŨ − ṼᵀD̃_V − D̃_VᵀṼ‖F²
//
// So g has negative curvature where g̃ has: the regulariser is not what makes
// saddles strict. The identities hold at every point of rank r, critical or not;
// that D̃ is negative at critical points away from X* is the theorem's, for β/α
// at most 3/2 (see [RestrictedConvexity]).
//
// p's terms of (U, V) are left out; g is f(UVᵀ). A mu of 0 means ½, [G]'s weight.
// The search costs at most 300 Hessian products; up to 300 variables they suffice
// for the smallest eigenvalue. Errors: a symmetric problem or a point that does
// not fit (lowrankgo.ErrShape), a point of rank below r (lowrankgo.ErrRank;
// [DeficientDirection] is for those), no Hessian products (lowrankgo.ErrAbility),
// a negative μ (lowrankgo.ErrValue), and ctx's error.
func BalancedDirection(ctx context.Context, p lr.Problem, x *lr.Factors, mu float64) (*Balancing, error) {
	f, err := unregularisedInput("BalancedDirection", p, x)
	if err != nil {
		return nil, err
	}
	if mu == 0 {
		mu = 0.5
	}
	if !(mu > 0) || !finite(mu) {
		return nil, fmt.Errorf("landscape: BalancedDirection has mu = %v; a positive finite number is wanted, or 0 for ½: %w", mu, lr.ErrValue)
	}
	b := &Balancing{Mu: mu, Unbalance: mat.Norm(balanceGap(x, x), 2)}
	if err := b.balance(x); err != nil {
		return nil, err
	}
	if err := b.search(ctx, f); err != nil {
		return nil, err
	}
	b.Direction = &lr.Factors{U: new(mat.Dense), V: new(mat.Dense)}
	b.Direction.U.Mul(b.Tilde.U, b.G2.T()) // G₁⁻¹ = G₂ᵀ
	b.Direction.V.Mul(b.Tilde.V, b.G1.T())
	b.compare(f, x)
	b.strict(f, x)
	return b, nil
}

// unregularisedInput returns f(UVᵀ) of an asymmetric problem with Hessian
// products, or an error.
func unregularisedInput(who string, p lr.Problem, x *lr.Factors) (lr.Problem, error) {
	if err := checkAsymmetric(who, p, x); err != nil {
		return nil, err
	}
	f := lr.UnregularisedOf(p)
	if _, ok := lr.HessVecOf(f); !ok {
		return nil, fmt.Errorf("landscape: %s needs %v, which %s lacks: %w", who, lr.AbilityHessVec, describe(f), lr.ErrAbility)
	}
	return f, nil
}

// balance finds G₁, G₂ and the balanced point.
func (b *Balancing) balance(x *lr.Factors) error {
	t, err := decompose(x)
	if err != nil {
		return err
	}
	r := x.Rank()
	if len(t.sigma) < r {
		return fmt.Errorf("landscape: BalancedDirection: UVᵀ has rank %d and the factors %d columns; the construction needs full rank, DeficientDirection is for other points: %w", len(t.sigma), r, lr.ErrRank)
	}
	t.balance(x)
	b.Singular, b.Balanced = t.sigma, t.factors
	if b.G1, err = leftInverse(x.U, b.Balanced.U); err != nil {
		return err
	}
	b.G2, err = leftInverse(x.V, b.Balanced.V)
	return err
}

// leftInverse is (AᵀA)⁻¹AᵀB, by the SVD of A.
func leftInverse(a, b *mat.Dense) (*mat.Dense, error) {
	s, err := thinSVD(a)
	if err != nil {
		return nil, err
	}
	var core mat.Dense
	core.Mul(s.u.T(), b)
	core.Apply(func(i, _ int, v float64) float64 { return v / s.s[i] }, &core)
	g := new(mat.Dense)
	g.Mul(s.v, &core)
	return g, nil
}

// balanceProduct adds the Hessian of (μ/4)‖UᵀU − VᵀV‖F² at a balanced point,
// along d, to dst.
func (b *Balancing) balanceProduct(dst, d *lr.Factors) {
	gap := balanceGap(b.Balanced, d)
	var turn mat.Dense
	turn.Add(gap, gap.T())
	linalg.AddProduct(dst.U, b.Mu, b.Balanced.U, &turn)
	linalg.AddProduct(dst.V, -b.Mu, b.Balanced.V, &turn)
}

// search finds D̃.
func (b *Balancing) search(ctx context.Context, f lr.Problem) error {
	hess, _ := lr.HessVecOf(f)
	d, hd := lr.NewPoint(f), lr.NewPoint(f)
	mul := func(dst, v []float64) {
		unflatten(d, v)
		hess.HessVec(hd, b.Balanced, d)
		b.balanceProduct(hd, d)
		flatten(dst, hd)
	}
	fillNormal(d, 1, "balanced direction: the start of the search")
	start := make([]float64, variables(d))
	flatten(start, d)
	found, err := lowest(ctx, mul, start, 299, 1e-12)
	if err != nil {
		return err
	}
	b.Regularised, b.Residual, b.largest = found.value, found.residual, found.largest
	b.Tilde = lr.NewPoint(f)
	unflatten(b.Tilde, found.vector)
	return nil
}

// compare evaluates the identities of the proof.
func (b *Balancing) compare(f lr.Problem, x *lr.Factors) {
	hess, _ := lr.HessVecOf(f)
	grad, there, hd := lr.NewPoint(f), lr.NewPoint(f), lr.NewPoint(f)
	hess.Grad(grad, x)
	hess.HessVec(hd, x, b.Direction)
	b.GradNorm, b.Curvature = grad.Norm(), b.Direction.Dot(hd)
	hess.Grad(there, b.Balanced)
	moved := &lr.Factors{U: new(mat.Dense), V: new(mat.Dense)}
	moved.U.Mul(grad.U, b.G2)
	moved.V.Mul(grad.V, b.G1)

	size := gradientSize(f, x)
	gap := balanceGap(b.Balanced, b.Tilde)
	gap.Add(gap, mat.DenseCopyOf(gap.T()))
	share := b.Mu / 2 * sqNorm(gap)
	spread := b.largest * (1 + mat.Norm(b.G1, 2)*mat.Norm(b.G2, 2)) // of what the curvatures are sums of
	one := linalg.Identity(x.Rank())
	var gg, u, v mat.Dense
	gg.Mul(b.G1, b.G2.T())
	u.Mul(x.U, b.G1)
	v.Mul(x.V, b.G2)
	b.Checks = []Check{
		same("G₁G₂ᵀ = I", &gg, one, mat.Norm(b.G1, 2)*mat.Norm(b.G2, 2)),
		same("UG₁ = PΣ^½", &u, b.Balanced.U, mat.Norm(x.U, 2)*mat.Norm(b.G1, 2)),
		same("VG₂ = QΣ^½", &v, b.Balanced.V, mat.Norm(x.V, 2)*mat.Norm(b.G2, 2)),
		{
			Item: balancedItem, Claim: "ŨṼᵀ = UVᵀ", Scale: mat.Norm(x.U, 2) * mat.Norm(x.V, 2),
			Left: linalg.DifferenceNorm(b.Balanced.U, b.Balanced.V, x.U, x.V),
		},
		same("ŨᵀŨ = ṼᵀṼ", balanceGap(b.Balanced, b.Balanced), mat.NewDense(x.Rank(), x.Rank(), nil), sqNorm(b.Balanced.U)),
		same("∂g̃/∂Ũ = (∂g/∂U)G₂", there.U, moved.U, size*(1+mat.Norm(b.G2, 2))),
		same("∂g̃/∂Ṽ = (∂g/∂V)G₁", there.V, moved.V, size*(1+mat.Norm(b.G1, 2))),
		{
			Item: balancedItem, Claim: "∇²g(U,V)[D,D] = ∇²g̃(Ũ,Ṽ)[D̃,D̃] − (μ/2)‖…‖²",
			Left: b.Curvature, Right: b.Regularised - share,
			Scale: share + spread,
		},
		{
			Item: balancedItem, Claim: "∇²g(U,V)[D,D] ≤ ∇²g̃(Ũ,Ṽ)[D̃,D̃]", Relation: AtMost,
			Left: b.Curvature, Right: b.Regularised,
			Scale: share + spread,
		},
	}
}

const balancedItem = "[L] Thm III.1, full rank"

// same is the check that two matrices are equal: the norm of their difference is
// 0, beside terms of the given size.
func same(claim string, a, b *mat.Dense, size float64) Check {
	var gap mat.Dense
	gap.Sub(a, b)
	return Check{Item: balancedItem, Claim: claim, Left: mat.Norm(&gap, 2), Scale: size}
}

// strict states the theorem at the point.
func (b *Balancing) strict(f lr.Problem, x *lr.Factors) {
	b.Strict = Check{
		Item: balancedItem, Claim: "∇²g(U,V)[D,D] ≤ 0", Relation: AtMost,
		Left: b.Curvature, Scale: math.Abs(b.Curvature),
		Hypotheses: append([]Hypothesis{
			{Name: "rank UVᵀ = r (its condition number)", Holds: Yes, Value: b.Singular[0] / b.Singular[len(b.Singular)-1]},
		}, criticalHypotheses(f, x, b.GradNorm)...),
	}
}

// gradientSize is the size of what cancels in a gradient at x: that of the
// gradients at x and at 2x.
func gradientSize(f lr.Problem, x *lr.Factors) float64 {
	e, g, twice := f.NewEval(), lr.NewPoint(f), x.Clone()
	twice.Scale(2)
	e.Grad(g, x)
	size := g.Norm()
	e.Grad(g, twice)
	return size + g.Norm()
}

// criticalHypotheses are those of Thm III.1 beside the rank: (U, V) and X* are
// critical, X* is another point, and f is nearly isometric. What is below 1e-8
// of its terms counts as 0.
func criticalHypotheses(f lr.Problem, x *lr.Factors, gradNorm float64) []Hypothesis {
	h := []Hypothesis{
		{Name: "(U,V) is critical (‖∇g‖)", Holds: answer(gradNorm <= 1e-8*gradientSize(f, x)), Value: gradNorm},
	}
	truth, known := lr.TruthOf(f)
	if !known {
		return append(h,
			Hypothesis{Name: "f has a critical X* of rank ≤ r", Holds: Unknown, Value: math.NaN()},
			Hypothesis{Name: "UVᵀ ≠ X*", Holds: Unknown, Value: math.NaN()},
			ratioHypothesis(math.NaN()))
	}
	return append(h, truthIsCritical(f, truth),
		Hypothesis{Name: "UVᵀ ≠ X* (‖UVᵀ − X*‖F)", Holds: answer(lr.SqErr(x, truth) > 1e-16*squared(linalg.ProductNorm(truth.U, truth.Right()))), Value: math.Sqrt(lr.SqErr(x, truth))},
		ratioHypothesis(math.NaN()))
}

// truthIsCritical finds ‖∇f(X*)‖F, by products with the identity where the matrix is
// not too large.
func truthIsCritical(f lr.Problem, truth *lr.Factors) Hypothesis {
	h := Hypothesis{Name: "f has a critical X* of rank ≤ r (‖∇f(X*)‖F)", Holds: Unknown, Value: math.NaN()}
	t, err := decompose(truth)
	d1, d2, r := f.Dims()
	eval, able := lr.MulGradOf(f)
	if err != nil || !able || d1*d2 > denseLimit {
		return h
	}
	if len(t.sigma) > r {
		h.Holds, h.Name = No, "f has a critical X* of rank ≤ r (rank of the truth)"
		h.Value = float64(len(t.sigma))
		return h
	}
	if t.y == nil {
		t.y = t.x
	}
	t.balance(lr.NewPoint(f))
	at := &matrixGradient{eval: eval, x: t.factors, d1: d1, d2: d2}
	h.Value = mat.Norm(at.dense(), 2)
	zero := &matrixGradient{eval: eval, x: lr.NewPoint(f), d1: d1, d2: d2}
	h.Holds = answer(h.Value <= 1e-8*mat.Norm(zero.dense(), 2))
	return h
}

// ratioHypothesis is β/α ≤ 3/2 for a lower bound of β/α; NaN when there is none.
func ratioHypothesis(bound float64) Hypothesis {
	h := Hypothesis{Name: "β/α ≤ 3/2 (a lower bound of β/α)", Holds: Unknown, Value: bound}
	if bound > 1.5*(1+1e-9) {
		h.Holds = No
	}
	return h
}
