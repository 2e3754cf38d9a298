package lowrankgo

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Operator is a linear measurement map 𝒜: R^{d1×d2} → R^m, 𝒜(M)ᵢ = ⟨Aᵢ, M⟩.
// An Operator is immutable and safe to share; an [OperatorEval] does the work.
type Operator interface {
	// Dims returns the shape d1×d2 of matrices and the number m of measurements.
	Dims() (d1, d2, m int)
	// NewEval returns a workspace. One goroutine uses it at a time.
	NewEval() OperatorEval
}

// OperatorEval applies a measurement map to factors and its adjoint to thin
// matrices. Shapes must fit (else it panics); what is passed in is not kept,
// and dst may not share memory with another argument.
type OperatorEval interface {
	// Apply sets dst = 𝒜(XYᵀ) − b for thin x (d1×k) and y (d2×k) and dst, b of
	// length m. A nil b is 0.
	Apply(dst []float64, x, y *mat.Dense, b []float64)
	// Adjoint makes G = 𝒜*(w) = Σ wᵢAᵢ the d1×d2 matrix that Mul applies.
	Adjoint(w []float64)
	// ApplyAdjoint is Apply and then Adjoint(dst), in one pass over what the
	// map stores where that is possible.
	ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64)
	// Mul sets dst = c·dst + G·z (dst d1×k, z d2×k), or c·dst + Gᵀ·z (dst
	// d2×k, z d1×k) when trans. A c of 0 ignores what dst held.
	Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense)
}

// CheckOperator returns an error when op is nil or one of its sizes is below 1.
func CheckOperator(op Operator) error {
	if isNil(op) {
		return fmt.Errorf("lowrankgo: there is no operator (it is nil; did its constructor return an error?): %w", ErrEmpty)
	}
	if d1, d2, m := op.Dims(); d1 < 1 || d2 < 1 || m < 1 {
		return fmt.Errorf("lowrankgo: the operator %s has %d measurements of %d×%d matrices; every size must be at least 1: %w", describe(op), m, d1, d2, ErrShape)
	}
	return nil
}
