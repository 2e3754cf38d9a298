package problem

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// ErrorForm returns o as a quadratic form around its truth,
//
//	(w/2) (M − M*) : H : (M − M*) + Q
//
// nil when it is no such form or the truth is not known. [General] has its own
// form and no Q. A [Quadratic] has H = 𝒜*𝒜 and, when its measurements are those
// of M* and noise, b = 𝒜(M*) + n,
//
//	Q = −w⟨𝒜*(n), M⟩ + w⟨n, 𝒜(M*)⟩ + (w/2)‖n‖²
//
// which is how noise enters [G] §4 and, for a matrix A that is not of low rank,
// what is left of it: n = A − M*. An n below 10⁻¹² of b is rounding and taken as
// 0. The first call costs one application of 𝒜.
func (o *Objective) ErrorForm() *lr.ErrorForm {
	if o.errorForm == nil || o.truth == nil {
		return nil
	}
	return o.errorForm()
}

// noNoise is the part of b below which b − 𝒜(M*) is rounding.
const noNoise = 1e-12

// aroundTruth makes the form of a least-squares objective that has a truth.
func (q *Quadratic) aroundTruth() *lr.ErrorForm {
	h, err := operator.GramForm{Operator: q.op, Scale: 1}.New()
	if err != nil {
		return nil // not so: the operator has been checked
	}
	f := &lr.ErrorForm{Form: h, Weight: q.weight}
	res := make([]float64, len(q.b)) // 𝒜(M*) − b = −n
	q.op.NewEval().Apply(res, q.truth.U, q.truth.Right(), q.b)
	size := math.Sqrt(loops.Dot(res, res))
	if size <= noNoise*math.Sqrt(loops.Dot(q.b, q.b)) {
		return f
	}
	if !finite(size) {
		return nil
	}
	t := &linear{op: q.op, w: res}
	for i, minus := range res {
		// wn(𝒜(M*) + n/2) with 𝒜(M*) = b − n
		t.constant -= float64(q.weight * minus * (q.b[i] + minus/2))
		res[i] = q.weight * minus
	}
	f.Q = alone(&q.Objective, t)
	return f
}

// ErrorForm returns that of the problem inside with the term added to its Q,
// nil when the problem inside has none.
func (s *sum) ErrorForm() *lr.ErrorForm {
	inside, ok := lr.ErrorFormOf(s.of)
	if !ok {
		return nil
	}
	f := *inside
	if f.Q == nil {
		f.Q = alone(s.of, s.term)
	} else {
		f.Q = &sum{f.Q, s.term}
	}
	return &f
}

// penalty is a term alone, as a problem: the objective Q(U, V). It has value,
// gradient and Hessian products.
type penalty struct {
	d1, d2, rank int
	symmetric    bool
	term         term
}

// alone returns the term as a problem over the factors of p.
func alone(p lr.Problem, t term) *penalty {
	d1, d2, r := p.Dims()
	return &penalty{d1, d2, r, lr.SymmetricOf(p), t}
}

// Dims returns the shape of M and the number of factor columns.
func (q *penalty) Dims() (d1, d2, r int) { return q.d1, q.d2, q.rank }

// Symmetric reports whether M = UUᵀ.
func (q *penalty) Symmetric() bool { return q.symmetric }

func (q *penalty) String() string { return q.term.String() }

// NewEval returns a workspace: that of the term.
func (q *penalty) NewEval() lr.Evaluator {
	return &penaltyEval{p: q, term: q.term.newEval(q.d1, q.d2, q.rank)}
}

type penaltyEval struct {
	p    *penalty
	term termEval
}

func (e *penaltyEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	if dst != nil {
		checkShape(e.p, dst)
		clearFactors(dst)
	}
	return e.term.add(dst, x)
}

func (e *penaltyEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	clearFactors(dst)
	e.term.addHess(dst, x, d)
}

func clearFactors(x *lr.Factors) {
	x.U.Zero()
	if x.V != nil {
		x.V.Zero()
	}
}
