package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Objective is a function of the matrix alone, over its factors,
//
//	g(U, V) = f(UVᵀ)   or   g(U) = f(UUᵀ)
//
// as [L](II.2). It is immutable and safe to share. It has products with
// ∇f(UVᵀ) always; Hessian products when f has second derivatives; gradients of
// batches when f is a sum over measurements that can be taken one by one; the
// truth if it was given.
//
// With G = ∇f(M) and K = ∇²f(M)[D], D = dU·Vᵀ + U·dVᵀ, the gradient is
// (G·V, Gᵀ·U) and the Hessian product (K·V + G·dV, Kᵀ·U + Gᵀ·dU); a symmetric
// problem adds the two, since G and K need not be symmetric.
type Objective struct {
	name      string
	of        any // what is printed: the operator, the form, …
	d1, d2    int
	rank      int
	symmetric bool
	weight    float64
	truth     *lr.Factors
	convex    bool // f is known to be
	newSmooth func() smooth
	errorForm func() *lr.ErrorForm // around the truth; nil when f is no such form
}

// smooth is the function f/weight at work, at matrices that are given as
// products of thin factors. G is held in whatever form is cheapest.
type smooth interface {
	// value returns f(XYᵀ); it may spoil G.
	value(x, y *mat.Dense) float64
	// visit returns f(XYᵀ) and makes G = ∇f(XYᵀ).
	visit(x, y *mat.Dense) float64
	// mulGrad sets dst = c·dst + G·z, or c·dst + Gᵀ·z when trans.
	mulGrad(dst *mat.Dense, c float64, trans bool, z *mat.Dense)
}

// twice is a smooth with second derivatives.
type twice interface {
	smooth
	// along makes K = ∇²f(M)[XYᵀ] at the M of the last visit; G stays.
	along(x, y *mat.Dense)
	// mulHess is mulGrad with K.
	mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense)
}

// byTerms is a smooth that is a sum of terms, any of which can be taken.
type byTerms interface {
	smooth
	// terms returns their number, 0 when they cannot be taken.
	terms() int
	// addTerms adds c·Σ ∇fᵢ(XYᵀ)·Y to du and c·Σ ∇fᵢ(XYᵀ)ᵀ·X to dv over the
	// terms given, which may repeat. It may spoil G.
	addTerms(du, dv, x, y *mat.Dense, terms []int, c float64)
}

// Dims returns the shape of M and the number of factor columns.
func (o *Objective) Dims() (d1, d2, r int) { return o.d1, o.d2, o.rank }

// Symmetric reports whether M = UUᵀ.
func (o *Objective) Symmetric() bool { return o.symmetric }

// Truth returns the factors of M*, nil when it is not known. They must not be
// changed.
func (o *Objective) Truth() *lr.Factors { return o.truth }

// Weight returns the number that multiplies the sum, the norm or the form.
func (o *Objective) Weight() float64 { return o.weight }

// Has reports which abilities o has: the truth only if it was given, a quadratic
// form around it only if f is one.
func (o *Objective) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityTruth:
		return o.truth != nil
	case lr.AbilityErrorForm:
		return o.truth != nil && o.errorForm != nil
	}
	return true
}

func (o *Objective) String() string {
	shape := "M = UVᵀ"
	if o.symmetric {
		shape = "M = UUᵀ"
	}
	return fmt.Sprintf("%s(%v, rank %d, %s, weight %.4g)", o.name, o.of, o.rank, shape, o.weight)
}

// NewEval returns a workspace: that of f, and six thin matrices. What Hessian
// products need more is made by the first of them.
func (o *Objective) NewEval() lr.Evaluator {
	e := &evaluator{
		p: o, f: o.newSmooth(), at: lr.NewPoint(o),
		left: mat.NewDense(o.d1, 2*o.rank, nil), right: mat.NewDense(o.d2, 2*o.rank, nil),
	}
	e.timesG = e.f.mulGrad
	if s, ok := e.f.(twice); ok {
		e.second, e.timesK = s, s.mulHess
	}
	if b, ok := e.f.(byTerms); ok && b.terms() > 0 {
		e.batch = b
	}
	return e
}

// evaluator remembers where G is.
type evaluator struct {
	p      *Objective
	f      smooth
	second twice   // nil when f has no second derivatives
	batch  byTerms // nil when f has no terms

	timesG, timesK times // f.mulGrad and second.mulHess

	at    *lr.Factors // where G is, when fresh
	value float64
	fresh bool

	zero        *lr.Factors // M = 0, made when first needed
	left, right *mat.Dense  // [dU, U] and [V, dV]
}

// Has reports whether f has what the ability needs.
func (e *evaluator) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityHessVec:
		return e.second != nil
	case lr.AbilityBatches:
		return e.batch != nil
	}
	return true
}

// visit brings G to x.
func (e *evaluator) visit(x *lr.Factors) {
	if e.fresh && e.at.Equal(x) {
		return
	}
	e.fresh = false // until all of it is there
	e.at.CopyFrom(x)
	e.value = e.p.weight * e.f.visit(x.U, x.Right())
	e.fresh = true
}

func (e *evaluator) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	if dst == nil && !(e.fresh && e.at.Equal(x)) {
		e.fresh = false
		return e.p.weight * e.f.value(x.U, x.Right())
	}
	if dst == nil {
		return e.value
	}
	checkShape(e.p, dst)
	e.visit(x)
	e.mul(dst, x, e.timesG, 0)
	dst.Scale(e.p.weight)
	return e.value
}

// times sets dst = c·dst + G·z, or c·dst + Gᵀ·z when trans, for its matrix G.
type times func(dst *mat.Dense, c float64, trans bool, z *mat.Dense)

// mul sets dst = c·dst + (G·V, Gᵀ·U), or c·dst + (G + Gᵀ)·U when symmetric.
func (e *evaluator) mul(dst, x *lr.Factors, g times, c float64) {
	if e.p.symmetric {
		g(dst.U, c, false, x.U)
		g(dst.U, 1, true, x.U)
		return
	}
	g(dst.U, c, false, x.V)
	g(dst.V, c, true, x.U)
}

// HessVec uses that D = dU·Vᵀ + U·dVᵀ = [dU, U][V, dV]ᵀ.
func (e *evaluator) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	e.visit(x)
	pair(e.left, d.U, x.U)
	pair(e.right, x.Right(), d.Right())
	e.second.along(e.left, e.right)
	e.mul(dst, x, e.timesK, 0)
	e.mul(dst, d, e.timesG, 1)
	dst.Scale(e.p.weight)
}

// pair sets dst = [a, b].
func pair(dst, a, b *mat.Dense) {
	r := a.RawMatrix().Cols
	for i := range dst.RawMatrix().Rows {
		row := dst.RawRowView(i)
		copy(row[:r], a.RawRowView(i))
		copy(row[r:], b.RawRowView(i))
	}
}

// MulGrad applies ∇f(M).
func (e *evaluator) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	if x == nil {
		if e.zero == nil {
			e.zero = lr.NewPoint(e.p)
		}
		x = e.zero
	}
	checkShape(e.p, x)
	e.visit(x)
	e.f.mulGrad(dst, 0, trans, z)
	for i := range dst.RawMatrix().Rows { // dst.Scale(w, dst) would allocate
		row := dst.RawRowView(i)
		for j := range row {
			row[j] *= e.p.weight
		}
	}
}

// Terms returns the number of measurements.
func (e *evaluator) Terms() int { return e.batch.terms() }

func (e *evaluator) GradBatch(dst, x *lr.Factors, terms []int) {
	checkShape(e.p, x)
	checkShape(e.p, dst)
	n := e.batch.terms()
	checkTerms(n, terms)
	e.fresh = false
	dst.U.Zero()
	if dst.V != nil {
		dst.V.Zero()
	}
	c := e.p.weight * (float64(n) / float64(len(terms)))
	e.batch.addTerms(dst.U, dst.Right(), x.U, x.Right(), terms, c)
}

// checkTerms panics unless there are terms and each is one of n.
func checkTerms(n int, terms []int) {
	if len(terms) == 0 {
		panic("problem: GradBatch was given no terms; at least one is wanted")
	}
	for _, i := range terms {
		if i < 0 || i >= n {
			panic(fmt.Sprintf("problem: GradBatch was given term %d of an objective with %d terms, counted from 0", i, n))
		}
	}
}

// checkShape panics unless x has p's shape: hot calls trust their callers, who
// have checked points by lowrankgo.CheckPoint.
func checkShape(p lr.Problem, x *lr.Factors) {
	d1, d2, r := p.Dims()
	x1, x2 := x.Dims()
	ru, rv, sym := x.Rank(), x.Right().RawMatrix().Cols, x.Symmetric()
	if x1 != d1 || x2 != d2 || ru != r || rv != r || sym != lr.SymmetricOf(p) {
		panic(fmt.Sprintf("problem: factors %d×%d and %d×%d, symmetric %t, were given to a problem of shape %d×%d, rank %d, symmetric %t",
			x1, ru, x2, rv, sym, d1, d2, r, lr.SymmetricOf(p)))
	}
}
