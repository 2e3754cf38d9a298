package operator

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/transform"
	"gonum.org/v1/gonum/mat"
)

// Perturbed is a form whose restricted isometry constant is known by
// construction,
//
//	H = I + δK,  K(M) = C₁ᵀ (S ∘ (C₁ M C₂ᵀ)) C₂
//
// with random signs S and the orthonormal cosine transforms C₁, C₂ (DCT-II) of
// columns and rows. K is self-adjoint and K² = I, so that its eigenvalues are
// ±1 and ‖K‖ = 1 exactly, and for every M of any rank
//
//	(1−δ)‖M‖F² ≤ M : H : M ≤ (1+δ)‖M‖F².
//
// The eigenvectors of K are the products of a column and a row of cosines, of
// rank one: both bounds are attained already at rank one ([Perturbed.Extremes])
// and δ is the (r,δ)-RIP constant for every r ≥ 1, not only a bound of it. To
// certify the constant of a random map instead is NP-hard.
//
// When Symmetric, S = Sᵀ, and K(Mᵀ) = K(M)ᵀ: H keeps symmetric matrices
// symmetric, as [G](8) wants, and the bounds are attained at matrices uuᵀ.
//
// It stores d1·d2/8 bytes; one application costs O(d1·d2·log(d1·d2)) flops.
type Perturbed struct {
	D1, D2    int     // shape of matrices; D2 may be 0 when Symmetric
	Delta     float64 // 0 ≤ δ < 1; the default 0 is H = I
	Seed      uint64  // of the signs
	Symmetric bool    // K(Mᵀ) = K(M)ᵀ; the shape must be square
}

// New draws the signs and returns the form. Sizes below 1, a symmetric shape
// that is not square, and δ outside [0, 1) are errors.
func (p Perturbed) New() (*QuadraticForm, error) {
	s, _, _, err := p.draw()
	if err != nil {
		return nil, err
	}
	if p.Symmetric {
		p.D2 = p.D1
	}
	name := fmt.Sprintf("Perturbed(δ = %.4g, %d×%d)", p.Delta, p.D1, p.D2)
	h := newForm(name, p.D1, p.D2, 8*len(s), func() func(g, m *matrix) {
		dct := transform.NewDCT2(p.D1, p.D2)
		return func(g, m *matrix) {
			copy(g.data, m.data)
			dct.Forward(g.data)
			s.apply(g.data)
			dct.Inverse(g.data)
			for i, v := range g.data {
				g.data[i] = m.data[i] + float64(p.Delta*v)
			}
		}
	})
	h.semidefinite = true // δ < 1
	return h, nil
}

// Operator returns the measurement map of m = d1·d2 numbers with
//
//	𝒜(M) = √m (I + δS)^½ ∘ (C₁ M C₂ᵀ),  𝒜*𝒜/m = H,
//
// row by row: sensing with 𝒜 and the scale 1/m has the restricted isometry
// constant δ exactly, on every rank. It stores 8m + m/8 bytes. The errors are
// those of New.
func (p Perturbed) Operator() (*SubsampledTransform, error) {
	s, _, _, err := p.draw()
	if err != nil {
		return nil, err
	}
	if p.Symmetric {
		p.D2 = p.D1
	}
	n := p.D1 * p.D2
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	high, low := math.Sqrt(float64(n)*(1+p.Delta)), math.Sqrt(float64(n)*(1-p.Delta))
	return &SubsampledTransform{d1: p.D1, d2: p.D2, at: all, scales: [2]float64{high, low}, second: s}, nil
}

// Extremes returns matrices of rank one and norm one with
//
//	low : H : low = 1 − δ,  high : H : high = 1 + δ,
//
// uuᵀ when Symmetric. low is nil for 1×1 matrices, where K = 1. The errors are
// those of New.
func (p Perturbed) Extremes() (low, high *lr.Factors, err error) {
	_, minus, plus, err := p.draw()
	if err != nil {
		return nil, nil, err
	}
	if minus >= 0 {
		low = p.basis(minus)
	}
	return low, p.basis(plus), nil
}

// draw returns the signs and a place of each sign, minus = −1 when there is
// none. The two places are drawn, and their signs set, so that both occur; when
// Symmetric they are on the diagonal.
func (p Perturbed) draw() (s signs, minus, plus int, err error) {
	if p.Symmetric && p.D2 == 0 {
		p.D2 = p.D1
	}
	if p.Symmetric && p.D1 != p.D2 {
		return nil, 0, 0, fmt.Errorf("operator: Perturbed is Symmetric but has shape %d×%d; D1 = D2 is wanted, or D2 = 0: %w", p.D1, p.D2, lr.ErrShape)
	}
	if err := checkSizes(p.D1, p.D2, 1); err != nil {
		return nil, 0, 0, err
	}
	if !(p.Delta >= 0 && p.Delta < 1) {
		return nil, 0, 0, fmt.Errorf("operator: Perturbed has Delta = %v; 0 ≤ Delta < 1 is wanted: %w", p.Delta, lr.ErrValue)
	}
	rng := lr.Stream(p.Seed, "perturbation signs")
	s = newSigns(rng, p.D1*p.D2)
	places, step := p.D1*p.D2, 1
	if p.Symmetric {
		for i := range p.D1 {
			for j := range i {
				s.set(i*p.D1+j, s.negative(j*p.D1+i))
			}
		}
		places, step = p.D1, p.D1+1
	}
	minus = -1
	if places > 1 {
		two := sample(rng, places, 2)
		first := rng.IntN(2) // the sample is in order
		minus, plus = two[first]*step, two[1-first]*step
		s.set(minus, true)
	}
	s.set(plus, false)
	return s, minus, plus, nil
}

// basis is the matrix of norm one whose transform is 1 at a place.
func (p Perturbed) basis(place int) *lr.Factors {
	if p.Symmetric {
		return &lr.Factors{U: cosines(p.D1, place/p.D1)}
	}
	return &lr.Factors{U: cosines(p.D1, place/p.D2), V: cosines(p.D2, place%p.D2)}
}

// cosines is row i of the orthonormal transform's n×n matrix, as a column.
func cosines(n, i int) *mat.Dense {
	u := mat.NewDense(n, 1, nil)
	for j := range n {
		u.Set(j, 0, transform.At(n, i, j))
	}
	return u
}
