package lowrankgo

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Form is a self-adjoint linear operator H on d1×d2 matrices, known by the
// quadratic form A : H : B = ⟨A, H(B)⟩. A Form is immutable and safe to share;
// a [FormEval] does the work.
type Form interface {
	// Dims returns the shape d1×d2 of matrices.
	Dims() (d1, d2 int)
	// NewEval returns a workspace. One goroutine uses it at a time.
	NewEval() FormEval
}

// FormEval applies a form to the matrix of factors. Shapes must fit (else it
// panics); what is passed in is not kept.
type FormEval interface {
	// Apply makes G = H(XYᵀ) the d1×d2 matrix that Mul applies, for thin x
	// (d1×k) and y (d2×k), and returns XYᵀ : H : XYᵀ.
	Apply(x, y *mat.Dense) float64
	// Mul sets dst = c·dst + G·z (dst d1×k, z d2×k), or c·dst + Gᵀ·z (dst
	// d2×k, z d1×k) when trans. A c of 0 ignores what dst held. dst and z do
	// not share memory.
	Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense)
}

// CheckForm returns an error when h is nil or one of its sizes is below 1.
func CheckForm(h Form) error {
	if isNil(h) {
		return fmt.Errorf("lowrankgo: there is no form (it is nil; did its constructor return an error?): %w", ErrEmpty)
	}
	if d1, d2 := h.Dims(); d1 < 1 || d2 < 1 {
		return fmt.Errorf("lowrankgo: the form %s is on %d×%d matrices; both sizes must be at least 1: %w", describe(h), d1, d2, ErrShape)
	}
	return nil
}
