package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// WeightedFactorisation approximates a matrix where some entries matter more,
//
//	f(M) = ½ Σ_ij w_ij (M_ij − A_ij)²,  w_ij ≥ 0
//
// the weighted low-rank approximation of [L](II.2) (Srebro, Jaakkola 2003).
// Entries of weight 0 are not read and may be NaN: 0/1 weights are completion
// with p = 1. It is restricted strongly convex and smooth with β/α at most
// max w/min w. It stores 28 bytes an entry of positive weight, an evaluator 24
// more. Costs are those of [Completion].
type WeightedFactorisation struct {
	A         mat.Matrix  // d1×d2; copied
	Weights   mat.Matrix  // d1×d2, at least 0; copied
	Rank      int         // columns of the factors
	Symmetric bool        // M = UUᵀ; A and Weights need not be symmetric
	Truth     *lr.Factors // what A approximates, where it is known; copied
}

// New checks the matrices and returns the problem. Shapes that differ, weights
// that are negative, not finite or all 0, and entries of A that are not finite
// where their weight is positive, are errors.
func (w WeightedFactorisation) New() (*Quadratic, error) {
	const name = "WeightedFactorisation"
	for field, m := range map[string]mat.Matrix{"A": w.A, "Weights": w.Weights} {
		if isNilMatrix(m) {
			return nil, fmt.Errorf("problem: %s has no %s (it is nil); a d1×d2 matrix is wanted: %w", name, field, lr.ErrEmpty)
		}
	}
	d1, d2 := w.A.Dims()
	if w1, w2 := w.Weights.Dims(); w1 != d1 || w2 != d2 {
		return nil, fmt.Errorf("problem: %s has a %d×%d A and %d×%d Weights; they must have the same shape: %w", name, d1, d2, w1, w2, lr.ErrShape)
	}
	op, b, err := positiveWeights(name, w.A, w.Weights)
	if err != nil {
		return nil, err
	}
	return newQuadratic(name, op, b, w.Rank, 1, w.Symmetric, w.Truth)
}

// positiveWeights returns the map of the entries of positive weight and what
// it measures of a.
func positiveWeights(name string, a, weights mat.Matrix) (*weighted, []float64, error) {
	d1, d2 := a.Dims()
	var rows, cols []int
	var root, b []float64
	for i := range d1 {
		for j := range d2 {
			w, v := weights.At(i, j), a.At(i, j)
			if !(w >= 0) || !finite(w) {
				return nil, nil, fmt.Errorf("problem: weight (%d, %d) of %s is %v; a finite number, at least 0, is wanted: %w", i, j, name, w, lr.ErrValue)
			}
			if w == 0 {
				continue
			}
			if !finite(v) {
				return nil, nil, fmt.Errorf("problem: entry (%d, %d) of %s is %v with weight %v; entries must be finite, or have weight 0: %w", i, j, name, v, w, lr.ErrValue)
			}
			s := math.Sqrt(w)
			rows, cols = append(rows, i), append(cols, j)
			root, b = append(root, s), append(b, s*v)
		}
	}
	if len(b) == 0 {
		return nil, nil, fmt.Errorf("problem: %s has no positive weight; at least one is wanted: %w", name, lr.ErrEmpty)
	}
	mask, _, err := operator.NewMask(d1, d2, rows, cols) // row-major already
	if err != nil {
		return nil, nil, err
	}
	return &weighted{mask, root}, b, nil
}

// isNilMatrix also sees a nil *mat.Dense, and one without entries.
func isNilMatrix(m mat.Matrix) bool {
	d, ok := m.(*mat.Dense)
	return m == nil || ok && (d == nil || d.IsEmpty())
}

// weighted is the map 𝒜(M)ᵢ = rootᵢ·⟨Aᵢ, M⟩ over the mask's ⟨Aᵢ, M⟩.
type weighted struct {
	mask *operator.Mask
	root []float64
}

func (w *weighted) Dims() (d1, d2, m int) { return w.mask.Dims() }

func (w *weighted) String() string { return fmt.Sprintf("weighted %v", w.mask) }

func (w *weighted) NewEval() lr.OperatorEval {
	m := len(w.root)
	return &weightedEval{of: w, in: w.mask.NewEval().(lr.TermsEval), scaled: make([]float64, m), target: make([]float64, m)}
}

// weightedEval checks lengths of b and w; the mask inside checks all others.
type weightedEval struct {
	of     *weighted
	in     lr.TermsEval
	scaled []float64 // root ∘ w
	target []float64 // b/root of a term under way
	term   [1]int
}

func (e *weightedEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	e.checkLen("b", b)
	e.in.Apply(dst, x, y, nil)
	for i, s := range e.of.root {
		dst[i] *= s
	}
	for i, v := range b {
		dst[i] -= v
	}
}

func (e *weightedEval) Adjoint(w []float64) {
	e.checkLen("w", w)
	for i, s := range e.of.root {
		e.scaled[i] = s * w[i]
	}
	e.in.Adjoint(e.scaled)
}

func (e *weightedEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

func (e *weightedEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	e.in.Mul(dst, c, trans, z)
}

// AddTerms has s·√w·Aᵢ = c(√w⟨Aᵢ, M⟩ − b)·√w·Aᵢ = cw(⟨Aᵢ, M⟩ − b/√w)·Aᵢ.
func (e *weightedEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	e.checkLen("b", b)
	for _, i := range terms {
		if i < 0 || i >= len(e.target) {
			panic(fmt.Sprintf("problem: term %d of %d weighted entries, counted from 0", i, len(e.target)))
		}
		root := e.of.root[i]
		e.term[0], e.target[i] = i, 0
		if b != nil {
			e.target[i] = b[i] / root
		}
		e.in.AddTerms(du, dv, x, y, e.target, e.term[:], c*root*root)
	}
}

// checkLen panics unless v is nil, where that means 0, or has one number an
// entry.
func (e *weightedEval) checkLen(name string, v []float64) {
	if len(v) != len(e.scaled) && (v != nil || name != "b") {
		panic(fmt.Sprintf("problem: %s has length %d, want the number of weighted entries, %d", name, len(v), len(e.scaled)))
	}
}
