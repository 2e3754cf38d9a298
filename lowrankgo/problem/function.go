package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Function is a general f of the matrix, given by functions of dense d1×d2
// matrices, over the factors of M = UVᵀ or UUᵀ: [L](II.2),
//
//	g(U, V) = f(UVᵀ)
//
// It is a struct of functions, so that a notebook cell can state any f. The
// functions must not keep or change x and d, and must be safe for concurrent
// use when the problem is shared; each sets all of dst.
//
// The matrix is formed: a gradient costs 6·d1·d2·r flops beside Grad, a
// Hessian product at the same point 12·d1·d2·r beside Hess, and an evaluator
// stores 2·d1·d2 numbers, and 2·d1·d2 more from the first Hessian product on.
//
// Where only the quadratic form ∇²f(X)[D, D] is at hand, as the paper writes
// it, HessForm is polarised,
//
//	⟨D, ∇²f(X)[E]⟩ = (q(D + E) − q(D − E))/4,  q(D) = ∇²f(X)[D, D]
//
// for the 2(d1+d2)r pairs of matrices that a Hessian product needs, half of
// them when Symmetric: exact but for rounding, and slow, but enough for small
// problems and for checking a Hess.
type Function struct {
	Name   string // printed; default "f"
	D1, D2 int    // shape of M; D2 may be 0 when Symmetric
	Rank   int    // columns of the factors

	F        func(x *mat.Dense) float64    // f(X), required
	Grad     func(dst, x *mat.Dense)       // dst = ∇f(X), required
	Hess     func(dst, x, d *mat.Dense)    // dst = ∇²f(X)[D]; nil: no Hessian products, unless by HessForm
	HessForm func(x, d *mat.Dense) float64 // ∇²f(X)[D, D], used when Hess is nil

	// Convex says that f is a convex function of all d1×d2 matrices: it is
	// believed. Default: not known, which only costs what needs it, such as the
	// gap of a certificate.
	Convex    bool
	Symmetric bool        // M = UUᵀ; ∇f need not be symmetric
	Truth     *lr.Factors // M* where it is known, of any rank; copied
}

// New checks the parts and returns the problem. A missing F or Grad, sizes
// below 1 and a rank outside 1 … min(d1, d2) are errors.
func (f Function) New() (*Objective, error) {
	f.D2 = square(f.D1, f.D2, f.Symmetric)
	if f.F == nil || f.Grad == nil {
		return nil, fmt.Errorf("problem: Function has F given: %t, Grad given: %t; both are required: %w", f.F != nil, f.Grad != nil, lr.ErrEmpty)
	}
	eye, err := operator.NewIdentity(f.D1, f.D2)
	if err != nil {
		return nil, fmt.Errorf("problem: Function: %w", err)
	}
	if f.Name == "" {
		f.Name = "f"
	}
	of := fmt.Sprintf("%s of %d×%d", f.Name, f.D1, f.D2)
	o, err := newObjective("Function", of, f.D1, f.D2, f.Rank, 1, f.Symmetric, f.Truth)
	if err != nil {
		return nil, err
	}
	o.convex = f.Convex
	o.newSmooth = func() smooth { return newFunctional(f, eye) }
	return o, nil
}

// functional is the function at work. The identity's workspace holds G and
// multiplies by it.
type functional struct {
	f    Function
	x, g *mat.Dense
	here lr.OperatorEval
}

func newFunctional(f Function, eye lr.Operator) smooth {
	s := &functional{f: f, x: mat.NewDense(f.D1, f.D2, nil), g: mat.NewDense(f.D1, f.D2, nil), here: eye.NewEval()}
	switch {
	case f.Hess != nil:
		return &hessian{functional: s, eye: eye}
	case f.HessForm != nil:
		return &polarised{functional: s, eye: eye}
	}
	return s
}

func (s *functional) value(x, y *mat.Dense) float64 {
	s.here.Apply(s.x.RawMatrix().Data, x, y, nil)
	return s.f.F(s.x)
}

func (s *functional) visit(x, y *mat.Dense) float64 {
	v := s.value(x, y)
	s.f.Grad(s.g, s.x)
	s.here.Adjoint(s.g.RawMatrix().Data)
	return v
}

func (s *functional) mulGrad(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	s.here.Mul(dst, c, trans, z)
}

// hessian adds second derivatives: another workspace of the identity holds K.
type hessian struct {
	*functional
	eye   lr.Operator
	there lr.OperatorEval // made when first needed
	d, k  *mat.Dense
}

func (s *hessian) along(x, y *mat.Dense) {
	if s.there == nil {
		s.there = s.eye.NewEval()
		s.d, s.k = mat.NewDense(s.f.D1, s.f.D2, nil), mat.NewDense(s.f.D1, s.f.D2, nil)
	}
	s.there.Apply(s.d.RawMatrix().Data, x, y, nil)
	s.f.Hess(s.k, s.x, s.d)
	s.there.Adjoint(s.k.RawMatrix().Data)
}

func (s *hessian) mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	s.there.Mul(dst, c, trans, z)
}

// polarised has second derivatives by the quadratic form q alone.
type polarised struct {
	*functional
	eye   lr.Operator
	there lr.OperatorEval // made when first needed
	d, at *mat.Dense      // D, and D ± tE
	size  float64         // ‖D‖
}

func (s *polarised) along(x, y *mat.Dense) {
	if s.there == nil {
		s.there = s.eye.NewEval()
		s.d, s.at = mat.NewDense(s.f.D1, s.f.D2, nil), mat.NewDense(s.f.D1, s.f.D2, nil)
	}
	s.there.Apply(s.d.RawMatrix().Data, x, y, nil)
	d := s.d.RawMatrix().Data
	s.size = math.Sqrt(inner(d, d))
	s.at.Copy(s.d)
}

// mulHess finds (K·z)ᵢₖ = ⟨K, eᵢzₖᵀ⟩, and (Kᵀ·z)ⱼₖ = ⟨K, zₖeⱼᵀ⟩.
func (s *polarised) mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	rows, cols := dst.Dims()
	for k := range cols {
		t := s.length(z, k)
		for i := range rows {
			v := 0.0
			if t > 0 {
				v = s.pair(i, k, trans, t, z)
			}
			if c != 0 {
				v += float64(c * dst.At(i, k))
			}
			dst.Set(i, k, v)
		}
	}
}

// length is the t for which tE is as long as D, which loses the fewest digits;
// 0 when one of the two is 0.
func (s *polarised) length(z *mat.Dense, k int) float64 {
	var sum float64
	for j := range z.RawMatrix().Rows {
		v := z.At(j, k)
		sum += float64(v * v)
	}
	if sum == 0 {
		return 0
	}
	return s.size / math.Sqrt(sum)
}

// pair is ⟨K, E⟩ = (q(D + tE) − q(D − tE))/(4t) for the E of entry (i, k).
func (s *polarised) pair(i, k int, trans bool, t float64, z *mat.Dense) float64 {
	s.shift(i, k, trans, t, z)
	plus := s.f.HessForm(s.x, s.at)
	s.shift(i, k, trans, -t, z)
	minus := s.f.HessForm(s.x, s.at)
	s.shift(i, k, trans, 0, z)
	return (plus - minus) / (4 * t)
}

// shift sets at to D + tE where E is not 0.
func (s *polarised) shift(i, k int, trans bool, t float64, z *mat.Dense) {
	for j := range z.RawMatrix().Rows {
		row, col := i, j
		if trans {
			row, col = j, i
		}
		s.at.Set(row, col, s.d.At(row, col)+float64(t*z.At(j, k)))
	}
}
