package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Quadratic is the least-squares objective
//
//	f(M) = (w/2) ‖𝒜(M) − b‖²,  M = UVᵀ or UUᵀ
//
// that [Sensing] and [Completion] make. It is immutable.
//
// A gradient costs one ApplyAdjoint and two Mul of the operator; a Hessian
// product at the same point the same again and two more Mul. The matrices Aᵢ
// of a symmetric problem need not be symmetric.
type Quadratic struct {
	name      string
	op        lr.Operator
	b         []float64
	rank      int
	weight    float64
	symmetric bool
	truth     *lr.Factors
}

// Dims returns the shape of M and the number of factor columns.
func (q *Quadratic) Dims() (d1, d2, r int) {
	d1, d2, _ = q.op.Dims()
	return d1, d2, q.rank
}

// Symmetric reports whether M = UUᵀ.
func (q *Quadratic) Symmetric() bool { return q.symmetric }

// Truth returns the factors of M*, nil when it is not known. They must not be
// changed.
func (q *Quadratic) Truth() *lr.Factors { return q.truth }

// Has reports which abilities q has: the truth only if it was given.
func (q *Quadratic) Has(a lr.Ability) bool { return a != lr.AbilityTruth || q.truth != nil }

// Operator returns 𝒜.
func (q *Quadratic) Operator() lr.Operator { return q.op }

// Measurements returns a copy of b.
func (q *Quadratic) Measurements() []float64 { return append([]float64(nil), q.b...) }

// Weight returns w.
func (q *Quadratic) Weight() float64 { return q.weight }

func (q *Quadratic) String() string {
	shape := "M = UVᵀ"
	if q.symmetric {
		shape = "M = UUᵀ"
	}
	return fmt.Sprintf("%s(%v, rank %d, %s, weight %.4g)", q.name, q.op, q.rank, shape, q.weight)
}

// NewEval returns a workspace: two of the operator's, and a few thin matrices.
func (q *Quadratic) NewEval() lr.Evaluator {
	d1, d2, m := q.op.Dims()
	return &quadraticEval{
		q: q, here: q.op.NewEval(), res: make([]float64, m),
		at:   lr.NewPoint(q),
		left: mat.NewDense(d1, 2*q.rank, nil), right: mat.NewDense(d2, 2*q.rank, nil),
	}
}

// quadraticEval remembers the residual and its adjoint at the point at.
type quadraticEval struct {
	q     *Quadratic
	here  lr.OperatorEval // holds 𝒜*(residual) at the point at, when fresh
	res   []float64
	at    *lr.Factors
	value float64
	fresh bool

	along       lr.OperatorEval // holds 𝒜*𝒜 of a direction; made when first needed
	dir         []float64
	left, right *mat.Dense // [dU, U] and [V, dV]
}

// visit brings the residual and its adjoint to x.
func (e *quadraticEval) visit(x *lr.Factors) {
	if e.fresh && e.at.Equal(x) {
		return
	}
	e.fresh = false // until all of it is there
	e.at.CopyFrom(x)
	e.here.ApplyAdjoint(e.res, x.U, x.Right(), e.q.b)
	e.value = e.loss()
	e.fresh = true
}

func (e *quadraticEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.q, x)
	if dst == nil && !(e.fresh && e.at.Equal(x)) {
		return e.valueOnly(x)
	}
	e.visit(x)
	if dst != nil {
		checkShape(e.q, dst)
		e.mul(dst, x, e.here, 0)
		dst.Scale(e.q.weight)
	}
	return e.value
}

// valueOnly skips the adjoint; the remembered point is lost, for res is.
func (e *quadraticEval) valueOnly(x *lr.Factors) float64 {
	e.fresh = false
	e.here.Apply(e.res, x.U, x.Right(), e.q.b)
	return e.loss()
}

// loss is (w/2)‖res‖².
func (e *quadraticEval) loss() float64 {
	var s float64
	for _, r := range e.res {
		s += float64(r * r)
	}
	return s * (e.q.weight / 2)
}

// mul sets dst = c·dst + (G·V, Gᵀ·U) with the G that op holds, or
// c·dst + (G + Gᵀ)·U when symmetric.
func (e *quadraticEval) mul(dst, x *lr.Factors, op lr.OperatorEval, c float64) {
	if e.q.symmetric {
		op.Mul(dst.U, c, false, x.U)
		op.Mul(dst.U, 1, true, x.U)
		return
	}
	op.Mul(dst.U, c, false, x.V)
	op.Mul(dst.V, c, true, x.U)
}

// HessVec uses that the derivative of 𝒜*(𝒜(M) − b)V along (dU, dV) is
// 𝒜*𝒜(dU·Vᵀ + U·dVᵀ)·V + 𝒜*(residual)·dV, and dU·Vᵀ + U·dVᵀ = [dU, U][V, dV]ᵀ.
func (e *quadraticEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.q, x)
	checkShape(e.q, d)
	checkShape(e.q, dst)
	e.visit(x)
	if e.along == nil {
		e.along, e.dir = e.q.op.NewEval(), make([]float64, len(e.res))
	}
	pair(e.left, d.U, x.U)
	pair(e.right, x.Right(), d.Right())
	e.along.ApplyAdjoint(e.dir, e.left, e.right, nil)
	e.mul(dst, x, e.along, 0)
	e.mul(dst, d, e.here, 1)
	dst.Scale(e.q.weight)
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

// MulGrad applies ∇f(M) = w·𝒜*(𝒜(M) − b).
func (e *quadraticEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	if x == nil {
		x = lr.NewPoint(e.q)
	}
	checkShape(e.q, x)
	e.visit(x)
	e.here.Mul(dst, 0, trans, z)
	dst.Scale(e.q.weight, dst)
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
