package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// LiftedNorms says what the lift of [G] Lemma 16 does to a restricted isometry
// at a point, made by [LiftIsometry].
type LiftedNorms struct {
	NHN, NormN float64 // N : H : N and ‖N‖F²
	MHM, NormM float64 // M : H₀ : M and ‖M‖F²
	DHD, NormD float64 // N : H : N and ‖N‖F² of N−N* in place of N
	EHE, NormE float64 // M : H₀ : M and ‖M‖F² of M−M* in place of M

	Delta, DeltaError   float64 // δ = |M:H₀:M/‖M‖² − 1|, of M and of M−M*; 0 of a matrix that is 0 up to rounding
	Lifted, LiftedError float64 // the same of N and of N−N*, under H

	Identity      Check // N:H:N = ‖N‖² + 4(M:H₀:M − ‖M‖²)
	IdentityError Check // the same of N−N*
	Point         Check // |N:H:N − ‖N‖²| ≤ δ‖N‖²
	Error         Check // the same of N−N*, with 2δ
}

// LiftIsometry evaluates the second half of [G] Lemma 16 (arXiv:1704.00708): how
// H = 4H₁ + 𝒢 keeps the norms of N = WWᵀ, W = [U; V], and of N − N* where H₀
// keeps those of M = UVᵀ and of M − M*. From
//
//	N:H:N = ‖N‖² + 4(M:H₀:M − ‖M‖²)
//
// which holds for all symmetric N with M = N₁₂, follows
//
//	M:H₀:M ∈ (1±δ)‖M‖²    ⇒  N:H:N ∈ (1±δ)‖N‖²                 since ‖N‖² ≥ 4‖M‖²
//	E:H₀:E ∈ (1±δ)‖E‖²    ⇒  (N−N*):H:(N−N*) ∈ (1±2δ)‖N−N*‖²   since ‖N−N*‖² ≥ 2‖E‖²
//
// with E = M − M*. The paper has 2δ for both. Both are attained, see
// [LiftExtremes]: so a theorem that uses N − N* loses a factor of 2 of δ.
//
// truth is M* in any factors; it is balanced first. h is H₀, of any sign. It
// costs six applications of H₀ and O((d1+d2)r²). Errors are those of [Align] and of
// a form that does not fit (lowrankgo.ErrShape).
func LiftIsometry(h lr.Form, x, truth *lr.Factors) (*LiftedNorms, error) {
	lifted, err := LiftedForm(h)
	if err != nil {
		return nil, err
	}
	f, err := newFrame("LiftIsometry", x, truth)
	if err != nil {
		return nil, err
	}
	if err := checkFormFits("LiftIsometry", h, x); err != nil {
		return nil, err
	}
	near, n, target := split(f.ws, x), &lr.Factors{U: f.w}, &lr.Factors{U: f.ws}
	left, right := beside(x, near, -1), beside(x, near, 1)
	var minus mat.Dense // [W, −W*], so that N − N* = [W, −W*][W, W*]ᵀ
	minus.Stack(left.U, left.V)
	var plus mat.Dense
	plus.Stack(right.U, right.V)

	e, e0 := lifted.NewEval(), h.NewEval()
	l := &LiftedNorms{
		NHN: e.Apply(f.w, f.w), NormN: squared(linalg.ProductNorm(f.w, f.w)),
		MHM: e0.Apply(x.U, x.V), NormM: squared(linalg.ProductNorm(x.U, x.V)),
		DHD: e.Apply(&minus, &plus), NormD: lr.SqErr(n, target),
		EHE: e0.Apply(left.U, right.V), NormE: lr.SqErr(x, near),
	}
	l.check(l.NormN + squared(linalg.ProductNorm(f.ws, f.ws)))
	return l, nil
}

// check states what holds; whole is ‖N‖² + ‖N*‖², against which N − N* is rounded.
func (l *LiftedNorms) check(whole float64) {
	l.Delta, l.DeltaError = offOne(l.MHM, l.NormM, whole), offOne(l.EHE, l.NormE, whole)
	l.Lifted, l.LiftedError = offOne(l.NHN, l.NormN, whole), offOne(l.DHD, l.NormD, whole)
	rounded := math.Sqrt(l.NormD*whole) + 1e-16*whole // what N − N* is rounded by, times itself
	const item = "[G] Lemma 16, isometry"
	equal := func(claim string, left, norm, inner, small, more float64) Check {
		return Check{
			Item: item, Claim: claim, Left: left, Right: norm + 4*(inner-small),
			Scale: math.Abs(left) + norm + 4*(math.Abs(inner)+small) + more,
		}
	}
	l.Identity = equal("N:H:N = ‖N‖² + 4(M:H₀:M − ‖M‖²)", l.NHN, l.NormN, l.MHM, l.NormM, 0)
	l.IdentityError = equal("(N−N*):H:(N−N*) = ‖N−N*‖² + 4(E:H₀:E − ‖E‖²)", l.DHD, l.NormD, l.EHE, l.NormE, rounded)
	bound := func(claim string, form, norm, delta, more float64) Check {
		return Check{
			Item: item, Claim: claim, Relation: AtMost,
			Left: math.Abs(form - norm), Right: delta * norm, Scale: math.Abs(form) + norm + more,
		}
	}
	l.Point = bound("|N:H:N − ‖N‖²| ≤ δ‖N‖², δ = |M:H₀:M/‖M‖² − 1|", l.NHN, l.NormN, l.Delta, 0)
	l.Error = bound("|(N−N*):H:(N−N*) − ‖N−N*‖²| ≤ 2δ‖N−N*‖², δ = |E:H₀:E/‖E‖² − 1|", l.DHD, l.NormD, 2*l.DeltaError, rounded)
}

// offOne is |form/norm − 1|, 0 of what is nothing beside whole.
func offOne(form, norm, whole float64) float64 {
	if norm <= 1e-26*whole {
		return 0
	}
	return math.Abs(form-norm) / norm
}

// checkFormFits returns an error unless h is a form on matrices of x's shape.
func checkFormFits(who string, h lr.Form, x *lr.Factors) error {
	if x.Symmetric() {
		return fmt.Errorf("landscape: %s was given a symmetric point; one with U and V is wanted: %w", who, lr.ErrShape)
	}
	h1, h2 := h.Dims()
	if d1, d2 := x.Dims(); h1 != d1 || h2 != d2 {
		return fmt.Errorf("landscape: %s has a form on %d×%d matrices and a point of %d×%d; they must be equal: %w", who, h1, h2, d1, d2, lr.ErrShape)
	}
	return nil
}

// LiftExtremes returns the points at which the bounds of [LiftIsometry] are
// attained, for every H₀: the balanced factors (U*, V*) of M*, where N = N* has
// ‖N‖² = 4‖M‖², and (U*, −V*), where N − N* has no diagonal blocks and
// ‖N−N*‖² = 2‖M−M*‖². A truth that is not whole or not finite is an error.
func LiftExtremes(truth *lr.Factors) (balanced, mirrored *lr.Factors, err error) {
	if err := truth.Check(); err != nil {
		return nil, nil, fmt.Errorf("landscape: LiftExtremes: the truth: %w", err)
	}
	t, err := decompose(truth)
	if err != nil {
		return nil, nil, err
	}
	if t.y == nil {
		t.y = t.x
	}
	d1, d2 := truth.Dims()
	t.balance(lr.NewFactors(d1, d2, max(1, len(t.sigma))))
	balanced = t.factors
	mirrored = balanced.Clone()
	mirrored.V.Scale(-1, mirrored.V)
	return balanced, mirrored, nil
}
