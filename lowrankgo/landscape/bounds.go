package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// DistanceBound compares the distance of the factors with that of the matrices,
// [G] Lemma 6. Of an asymmetric point, U and M stand for W and N of Def 7.
type DistanceBound struct {
	*Alignment
	Error2   float64 // ‖M − M*‖²
	Product2 float64 // ‖ΔΔᵀ‖²
	SigmaR   float64 // σᵣ(M*), of N* for an asymmetric point, which is 2σᵣ*
	// ProductBound is ‖ΔΔᵀ‖² ≤ 2‖M − M*‖².
	ProductBound Check
	// FactorBound is σᵣ*‖Δ‖² ≤ ‖M − M*‖²/(2(√2 − 1)).
	FactorBound Check
}

func (b *DistanceBound) String() string { return fmt.Sprintf("%v\n%v", b.ProductBound, b.FactorBound) }

// factorConstant is 1/(2(√2 − 1)) = (√2 + 1)/2 = 1.2071.
const factorConstant = (math.Sqrt2 + 1) / 2

// DistanceBounds evaluates both bounds of [G] Lemma 6 (arXiv:1704.00708) at a
// point and a truth,
//
//	‖ΔΔᵀ‖² ≤ 2‖M − M*‖²,  σᵣ*‖Δ‖² ≤ ‖M − M*‖²/(2(√2 − 1))
//
// in Frobenius norms and with the optimal R of Def 6. Both constants are
// attained, by [ProductExtreme] and [FactorExtreme]. With spectral norms the
// lemma is false; see [SpectralDistanceBounds]. When M* has a lower rank than the
// point has columns, σᵣ* is 0 and the second bound says nothing.
//
// It costs O((d1+d2)r²). The errors are those of [Align].
func DistanceBounds(x, truth *lr.Factors) (*DistanceBound, error) {
	f, err := newFrame("DistanceBounds", x, truth)
	if err != nil {
		return nil, err
	}
	a, err := f.align()
	if err != nil {
		return nil, err
	}
	return f.bounds(a), nil
}

// bounds evaluates the lemma for an alignment by the optimal R.
func (f *frame) bounds(a *Alignment) *DistanceBound {
	b := &DistanceBound{Alignment: a, Error2: f.error2(a), SigmaR: f.sigmaR()}
	delta := stacked(a.Delta)
	b.Product2 = squared(linalg.ProductNorm(delta, delta))
	b.ProductBound = atMost("[G] Lemma 6", "‖ΔΔᵀ‖² ≤ 2‖M − M*‖²", b.Product2, 2*b.Error2)
	b.FactorBound = atMost("[G] Lemma 6", "σᵣ*‖Δ‖² ≤ ‖M − M*‖²/(2(√2 − 1))", b.SigmaR*squared(a.Distance), factorConstant*b.Error2)
	return b
}

// error2 is ‖N − N*‖², of N − N* = [Δ, W*R][W, Δ]ᵀ, which keeps its digits near
// the truth.
func (f *frame) error2(a *Alignment) float64 {
	delta := stacked(a.Delta)
	return squared(linalg.ProductNorm(besides(delta, stacked(a.Nearest)), besides(f.w, delta)))
}

// sigmaR is σᵣ of N* = W*W*ᵀ.
func (f *frame) sigmaR() float64 {
	s := f.sigma[len(f.sigma)-1]
	if f.x.Symmetric() {
		return s
	}
	return 2 * s
}

// atMost is the check of an inequality between two terms.
func atMost(item, claim string, left, right float64, h ...Hypothesis) Check {
	return Check{Item: item, Claim: claim, Left: left, Right: right, Relation: AtMost, Scale: math.Abs(left) + math.Abs(right), Hypotheses: h}
}

// SpectralDistanceBounds evaluates the two sides of Lemma 6 with spectral norms in
// the place of Frobenius norms. No such lemma holds: for U = e₁, U* = e₂ the
// first says 4 ≤ 2. It is here to show that the norms in the lemma matter; of
// [G] arXiv:1704.00708, which writes ‖·‖F. It forms M − M*, d1·d2 numbers. The
// errors are those of [Align].
func SpectralDistanceBounds(x, truth *lr.Factors) (product, factor Check, err error) {
	f, err := newFrame("SpectralDistanceBounds", x, truth)
	if err != nil {
		return Check{}, Check{}, err
	}
	a, err := f.align()
	if err != nil {
		return Check{}, Check{}, err
	}
	var e, star mat.Dense
	e.Mul(f.w, f.w.T())
	star.Mul(f.ws, f.ws.T())
	e.Sub(&e, &star)
	se, err := thinSVD(&e)
	if err != nil {
		return Check{}, Check{}, err
	}
	sd, err := thinSVD(stacked(a.Delta))
	if err != nil {
		return Check{}, Check{}, err
	}
	error2, delta2 := squared(se.s[0]), squared(sd.s[0])
	product = atMost("[G] Lemma 6 with spectral norms", "‖ΔΔᵀ‖₂² ≤ 2‖M − M*‖₂²", squared(delta2), 2*error2)
	factor = atMost("[G] Lemma 6 with spectral norms", "σᵣ*‖Δ‖₂² ≤ ‖M − M*‖₂²/(2(√2 − 1))", f.sigmaR()*delta2, factorConstant*error2)
	return product, factor, nil
}

// ProductExtreme returns a point and a truth, of rank 1 in d dimensions, at which
// ‖ΔΔᵀ‖² = 2‖M − M*‖²: U = e₁ and U* = e₂ are orthogonal and of equal length, so
// that Lemma 6's first constant cannot be less than 2. A d below 2 is an error.
func ProductExtreme(d int) (x, truth *lr.Factors, err error) { return orthogonalPair(d, 1) }

// FactorExtreme returns a point and a truth, of rank 1 in d dimensions, at which
// σᵣ*‖Δ‖² = ‖M − M*‖²/(2(√2 − 1)): U = √(√2 − 1)·e₁ is orthogonal to U* = e₂. For
// ‖U‖² = t the ratio is (1+t)/(1+t²), largest, 1.2071, at t = √2 − 1. So Lemma
// 6's second constant cannot be less. A d below 2 is an error.
func FactorExtreme(d int) (x, truth *lr.Factors, err error) {
	return orthogonalPair(d, math.Sqrt(math.Sqrt2-1))
}

// orthogonalPair is length·e₁ and e₂.
func orthogonalPair(d int, length float64) (x, truth *lr.Factors, err error) {
	if d < 2 {
		return nil, nil, fmt.Errorf("landscape: two orthogonal vectors in dimension %d; at least 2 is wanted: %w", d, lr.ErrShape)
	}
	x, truth = lr.NewSymmetric(d, 1), lr.NewSymmetric(d, 1)
	x.U.Set(0, 0, length)
	truth.U.Set(1, 0, 1)
	return x, truth, nil
}
