package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Func makes a map of the user's functions, for a measurement that this package
// does not have or one that is written in a notebook cell, where interpreted
// types cannot have methods that compiled code sees.
//
// One of Apply and ApplyFactors is required, and one of Adjoint and
// MulAdjoint; with both, factors take the second, which should be the cheaper.
// With the dense ones alone M = XYᵀ is formed and G = 𝒜*(w) is stored, d1·d2
// numbers each; with the thin ones alone dense matrices are brought in and out
// by the d2×d2 identity. Functions must not keep what they are given, must be
// safe for concurrent use when the map is shared, and allocate what they do.
type Func struct {
	Name      string // for messages and traces; default "Func"
	D1, D2, M int    // shape of matrices, and the number of measurements

	Apply        func(dst []float64, m *mat.Dense)                           // dst = 𝒜(M), all of it
	Adjoint      func(dst *mat.Dense, w []float64)                           // dst = 𝒜*(w), all of it
	ApplyFactors func(dst []float64, x, y *mat.Dense)                        // dst = 𝒜(XYᵀ) for thin x, y
	MulAdjoint   func(dst *mat.Dense, trans bool, w []float64, z *mat.Dense) // dst = 𝒜*(w)z, or 𝒜*(w)ᵀz when trans
}

// New checks the functions and returns the map. It calls each of them a few
// times on random input, to eight digits. Sizes below 1, a function that is
// missing or panics, a map that is not linear, an adjoint that is not the
// map's, ⟨𝒜(X), w⟩ ≠ ⟨X, 𝒜*(w)⟩, and two functions that differ are errors.
func (f Func) New() (*FuncMap, error) {
	if f.Name == "" {
		f.Name = "Func"
	}
	if err := checkSizes(f.D1, f.D2, 1); err != nil {
		return nil, err
	}
	if err := checkSizes(1, 1, f.M); err != nil {
		return nil, err
	}
	if f.Apply == nil && f.ApplyFactors == nil {
		return nil, fmt.Errorf("operator: %s has neither Apply nor ApplyFactors; one of them is wanted, for 𝒜(M): %w", f.Name, lr.ErrEmpty)
	}
	if f.Adjoint == nil && f.MulAdjoint == nil {
		return nil, fmt.Errorf("operator: %s has neither Adjoint nor MulAdjoint; one of them is wanted, for 𝒜*(w): %w", f.Name, lr.ErrEmpty)
	}
	o := &FuncMap{f}
	if err := guarded(f.Name, o.probe); err != nil {
		return nil, err
	}
	return o, nil
}

// FuncMap is the map that [Func] makes.
type FuncMap struct{ f Func }

// Dims returns the shape of matrices and the number of measurements.
func (o *FuncMap) Dims() (d1, d2, m int) { return o.f.D1, o.f.D2, o.f.M }

// Bytes returns 0: what the functions store is not known.
func (o *FuncMap) Bytes() int { return 0 }

func (o *FuncMap) String() string {
	return fmt.Sprintf("%s(%d measurements of %d×%d)", o.f.Name, o.f.M, o.f.D1, o.f.D2)
}

// NewEval returns a workspace: M and G of d1·d2 numbers each, where they are
// needed.
func (o *FuncMap) NewEval() lr.OperatorEval { return &funcEval{f: o.f} }

// funcEval makes its matrices when they are first needed. G is that of w, or is
// in g when the functions give it whole.
type funcEval struct {
	f    Func
	m, g *shown     // M and 𝒜*(w)
	eye  *mat.Dense // d2×d2
	prod mat.Dense  // of MulAdjoint, when it is to be added
	w    []float64
	some someTerms
}

func (e *funcEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, e.f.M)
	checkThin(x, y, e.f.D1, e.f.D2)
	if e.f.ApplyFactors != nil {
		e.f.ApplyFactors(dst, x, y)
	} else {
		if e.m == nil {
			e.m = newShown(e.f.D1, e.f.D2)
		}
		e.m.form(x, y)
		e.f.Apply(dst, e.m.dense)
	}
	subtract(dst, b)
}

func (e *funcEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, e.f.M)
	checkDense("the matrix", m, e.f.D1, e.f.D2)
	if e.f.Apply != nil {
		e.f.Apply(dst, m)
	} else {
		e.f.ApplyFactors(dst, m, e.identity())
	}
	subtract(dst, b)
}

// shown is a matrix that functions see as a *mat.Dense.
type shown struct {
	*matrix
	dense *mat.Dense
}

func newShown(d1, d2 int) *shown {
	dense := mat.NewDense(d1, d2, nil)
	return &shown{newMatrix(d1, d2, dense.RawMatrix().Data), dense}
}

func subtract(dst, b []float64) {
	for i, v := range b {
		dst[i] -= v
	}
}

func (e *funcEval) identity() *mat.Dense {
	if e.eye == nil {
		e.eye = mat.NewDense(e.f.D2, e.f.D2, nil)
		for j := range e.f.D2 {
			e.eye.Set(j, j, 1)
		}
	}
	return e.eye
}

func (e *funcEval) Adjoint(w []float64) {
	checkLen("w", len(w), e.f.M)
	e.w = w
	if e.f.MulAdjoint != nil {
		return
	}
	if e.g == nil {
		e.g = newShown(e.f.D1, e.f.D2)
	}
	e.f.Adjoint(e.g.dense, w)
}

func (e *funcEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

func (e *funcEval) AdjointDense(dst *mat.Dense) {
	checkDense("dst", dst, e.f.D1, e.f.D2)
	checkAdjoint(e.w)
	switch {
	case e.g != nil:
		e.g.store(dst)
	case e.f.Adjoint != nil:
		e.f.Adjoint(dst, e.w)
	default:
		e.f.MulAdjoint(dst, false, e.w, e.identity())
	}
}

func (e *funcEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, e.f.D1, e.f.D2)
	checkAdjoint(e.w)
	switch {
	case e.f.MulAdjoint == nil:
		e.g.mul(dst, c, trans, z)
	case c == 0:
		e.f.MulAdjoint(dst, trans, e.w, z)
	default:
		e.addProduct(dst, c, trans, z)
	}
}

// addProduct sets dst = c·dst + Gz or c·dst + Gᵀz.
func (e *funcEval) addProduct(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	r, k := dst.Dims()
	if pr, pk := e.prod.Dims(); pr != r || pk != k {
		e.prod.Reset()
		e.prod.ReuseAs(r, k)
	}
	e.f.MulAdjoint(&e.prod, trans, e.w, z)
	for i := range r {
		out := dst.RawRowView(i)
		for l, v := range e.prod.RawRowView(i) {
			setScaled(&out[l], c, v)
		}
	}
}

// AddTerms costs as much as all measurements: the functions give all or none.
func (e *funcEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	checkTerms(du, dv, x, y, b, terms, e.f.D1, e.f.D2, e.f.M)
	e.some.add(e, e.f.M, du, dv, x, y, b, terms, c)
}
