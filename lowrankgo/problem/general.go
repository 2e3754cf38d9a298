package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// General is the objective of [G] for any quadratic form,
//
//	f(M) = (w/2) (M − M*) : H : (M − M*)
//
// symmetric (7), (8) with w = 1, or asymmetric (14) with w = 4, without their
// regularisers: [RowNorm] adds Q, and [Balance] with Mu 2 the ½‖UᵀU − VᵀV‖² of
// (14), which is four times the balanced objectives of the paper. Sensing and
// completion are the forms 𝒜*𝒜/m and 𝒜*𝒜/p; a form I + δK has its RIP constant
// δ by construction.
//
// H is self-adjoint and need neither be positive nor map symmetric matrices to
// symmetric ones. A gradient costs one Apply to r + r* columns and two Mul, a
// Hessian product one Apply to 2r columns and four.
type General struct {
	Form      lr.Form     // H
	Truth     *lr.Factors // M* as U*V*ᵀ of any rank, required; copied. For a dense M* take U = M*, V = I.
	Rank      int         // columns of the factors
	Weight    float64     // w > 0; default 1
	Symmetric bool        // M = UUᵀ; the form must be square
}

// New checks the parts and returns the problem. A missing form or truth, and
// shapes that do not fit, are errors.
func (g General) New() (*Objective, error) {
	if err := lr.CheckForm(g.Form); err != nil {
		return nil, fmt.Errorf("problem: General: %w", err)
	}
	if g.Truth == nil {
		return nil, fmt.Errorf("problem: General has no Truth; the factors of M*, from which the form measures, are wanted: %w", lr.ErrEmpty)
	}
	if g.Weight == 0 {
		g.Weight = 1
	}
	d1, d2 := g.Form.Dims()
	o, err := newObjective("General", g.Form, d1, d2, g.Rank, g.Weight, g.Symmetric, g.Truth)
	if err != nil {
		return nil, err
	}
	o.convex = semidefinite(g.Form)
	o.newSmooth = func() smooth { return newFormed(g.Form, o.truth, o.rank) }
	o.errorForm = func() *lr.ErrorForm { return &lr.ErrorForm{Form: g.Form, Weight: g.Weight} }
	return o, nil
}

// formed is ½ E : H : E for E = XYᵀ − U*V*ᵀ = [X, −U*][Y, V*]ᵀ. G is H(E), K
// is H(D).
type formed struct {
	form        lr.Form
	here        lr.FormEval // holds G
	left, right *mat.Dense  // [X, −U*] and [Y, V*]
	there       lr.FormEval // holds K; made when first needed
}

func newFormed(h lr.Form, truth *lr.Factors, rank int) *formed {
	d1, d2 := h.Dims()
	k := truth.Rank()
	f := &formed{
		form: h, here: h.NewEval(),
		left: mat.NewDense(d1, rank+k, nil), right: mat.NewDense(d2, rank+k, nil),
	}
	minus := mat.NewDense(d1, k, nil)
	minus.Scale(-1, truth.U)
	f.left.Slice(0, d1, rank, rank+k).(*mat.Dense).Copy(minus)
	f.right.Slice(0, d2, rank, rank+k).(*mat.Dense).Copy(truth.Right())
	return f
}

func (f *formed) value(x, y *mat.Dense) float64 { return f.visit(x, y) }

func (f *formed) visit(x, y *mat.Dense) float64 {
	for i := range x.RawMatrix().Rows {
		copy(f.left.RawRowView(i), x.RawRowView(i))
	}
	for j := range y.RawMatrix().Rows {
		copy(f.right.RawRowView(j), y.RawRowView(j))
	}
	return f.here.Apply(f.left, f.right) / 2
}

func (f *formed) mulGrad(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	f.here.Mul(dst, c, trans, z)
}

func (f *formed) along(x, y *mat.Dense) {
	if f.there == nil {
		f.there = f.form.NewEval()
	}
	f.there.Apply(x, y)
}

func (f *formed) mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	f.there.Mul(dst, c, trans, z)
}
