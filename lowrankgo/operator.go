package lowrankgo

import (
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
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
// matrices. Shapes must fit (else it panics); beside the w of Adjoint, what is
// passed in is not kept, and dst may not share memory with another argument.
type OperatorEval interface {
	// Apply sets dst = 𝒜(XYᵀ) − b for thin x (d1×k) and y (d2×k) and dst, b of
	// length m. A nil b is 0.
	Apply(dst []float64, x, y *mat.Dense, b []float64)
	// Adjoint makes G = 𝒜*(w) = Σ wᵢAᵢ the d1×d2 matrix that Mul applies. It
	// may keep w instead of a copy: w must stay as it is for as long as G is
	// used.
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

// DenseEval is an OperatorEval that also works on dense d1×d2 matrices.
type DenseEval interface {
	OperatorEval
	// ApplyDense sets dst = 𝒜(M) − b for a d1×d2 matrix m. A nil b is 0.
	ApplyDense(dst []float64, m *mat.Dense, b []float64)
	// AdjointDense sets dst, d1×d2, to the G of the last Adjoint or
	// ApplyAdjoint.
	AdjointDense(dst *mat.Dense)
}

// DenseEvalOf returns a new evaluator of op that works on dense matrices. An
// operator that has no way of its own is given M·Iᵀ and multiplies G by I,
// which costs d2 columns.
func DenseEvalOf(op Operator) DenseEval {
	e := op.NewEval()
	if d, ok := e.(DenseEval); ok {
		return d
	}
	_, d2, _ := op.Dims()
	return byIdentity{e, linalg.Identity(d2)}
}

type byIdentity struct {
	OperatorEval
	eye *mat.Dense
}

func (e byIdentity) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	e.Apply(dst, m, e.eye, b)
}

func (e byIdentity) AdjointDense(dst *mat.Dense) { e.Mul(dst, 0, false, e.eye) }

// TermsEval is an OperatorEval that can take some of its measurements.
type TermsEval interface {
	OperatorEval
	// AddTerms adds, for each i of terms (counted from 0; they may repeat),
	//
	//	sᵢ·Aᵢ·y to du (d1×k) and sᵢ·Aᵢᵀ·x to dv (d2×k),  sᵢ = c·(⟨Aᵢ, XYᵀ⟩ − bᵢ)
	//
	// with all sᵢ at the same x (d1×k) and y (d2×k). du and dv may be the same
	// matrix when x and y are. A nil b is 0. It leaves G undefined.
	AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64)
}

// TermsEvalOf returns a new evaluator of op that can take some of its
// measurements, or false.
func TermsEvalOf(op Operator) (TermsEval, bool) {
	t, ok := op.NewEval().(TermsEval)
	return t, ok
}

// Pattern says which entry of M each measurement of a mask observes, by rows
// and by columns. It is shared and must not be changed.
type Pattern struct {
	RowFrom []int32 // measurements RowFrom[i] … RowFrom[i+1]−1 are in row i
	Col     []int32 // their columns, ascending within a row
	ColFrom []int32 // positions ColFrom[j] … ColFrom[j+1]−1 of Row and At are in column j
	Row     []int32 // their rows, ascending within a column
	At      []int32 // and the measurements they are
}

// PatternOf returns the pattern of an operator whose measurements are single
// entries of M, each at most once and with weight 1, or false. An operator
// offers it by a method Pattern() *Pattern.
func PatternOf(op Operator) (*Pattern, bool) {
	m, ok := op.(interface{ Pattern() *Pattern })
	if !ok {
		return nil, false
	}
	p := m.Pattern()
	return p, p != nil
}
