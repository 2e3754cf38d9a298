package problem

import (
	"sync"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// Quadratic is the least-squares objective
//
//	f(M) = (w/2) ‖𝒜(M) − b‖²,  M = UVᵀ or UUᵀ
//
// that [Sensing], [Completion], [Factorisation] and [WeightedFactorisation]
// make. It is an [Objective] with a least-squares form, with a quadratic form
// around its truth where that is known, and with gradients of batches when its
// operator can take single measurements.
//
// A gradient costs one ApplyAdjoint and two Mul of the operator; a Hessian
// product at the same point the same again and two more Mul. Beside the
// operator it stores b; an evaluator one number a measurement, and one more
// from the first Hessian product on.
type Quadratic struct {
	Objective
	op lr.Operator
	b  []float64
}

// Operator returns 𝒜.
func (q *Quadratic) Operator() lr.Operator { return q.op }

// Measurements returns a copy of b.
func (q *Quadratic) Measurements() []float64 { return append([]float64(nil), q.b...) }

// LeastSquares returns the objective's parts. They must not be changed.
func (q *Quadratic) LeastSquares() *lr.LeastSquares {
	return &lr.LeastSquares{Operator: q.op, B: q.b, Weight: q.weight}
}

// newQuadratic checks the parts and takes b, which it does not copy.
func newQuadratic(name string, op lr.Operator, b []float64, rank int, weight float64, symmetric bool, truth *lr.Factors) (*Quadratic, error) {
	d1, d2, m := op.Dims()
	o, err := newObjective(name, op, d1, d2, rank, weight, symmetric, truth)
	if err != nil {
		return nil, err
	}
	if err := checkMeasurements(name, b, m); err != nil {
		return nil, err
	}
	q := &Quadratic{Objective: *o, op: op, b: b}
	q.convex = true
	q.newSmooth = func() smooth { return newSquares(q.op, q.b) }
	q.errorForm = sync.OnceValue(q.aroundTruth)
	return q, nil
}

// squares is ½‖𝒜(M) − b‖². G is 𝒜*(residual), K is 𝒜*𝒜(D).
type squares struct {
	op   lr.Operator
	b    []float64
	here lr.OperatorEval // holds G
	res  []float64
	take lr.TermsEval // here, nil when it cannot take single measurements

	there lr.OperatorEval // holds K; made when first needed
	dir   []float64

	part []float64 // sums of squares of blocks of res
	sum  *par.Loop
}

// block is how many squares are summed before their sum is added to those of
// other blocks, which also keeps the rounding error of the sum small.
const block = 4096

func newSquares(op lr.Operator, b []float64) *squares {
	s := &squares{
		op: op, b: b, here: op.NewEval(), res: make([]float64, len(b)),
		part: make([]float64, (len(b)+block-1)/block),
	}
	s.take, _ = s.here.(lr.TermsEval)
	s.sum = par.New(func(k int) {
		res := s.res[k*block : min((k+1)*block, len(s.res))]
		s.part[k] = loops.Dot(res, res)
	})
	return s
}

func (s *squares) value(x, y *mat.Dense) float64 {
	s.here.Apply(s.res, x, y, s.b)
	return s.half()
}

func (s *squares) visit(x, y *mat.Dense) float64 {
	s.here.ApplyAdjoint(s.res, x, y, s.b)
	return s.half()
}

// half is ½‖res‖².
func (s *squares) half() float64 {
	s.sum.Run(len(s.part))
	var sum float64
	for _, v := range s.part {
		sum += v
	}
	return sum / 2
}

func (s *squares) mulGrad(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	s.here.Mul(dst, c, trans, z)
}

func (s *squares) along(x, y *mat.Dense) {
	if s.there == nil {
		s.there, s.dir = s.op.NewEval(), make([]float64, len(s.res))
	}
	s.there.ApplyAdjoint(s.dir, x, y, nil)
}

func (s *squares) mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	s.there.Mul(dst, c, trans, z)
}

func (s *squares) terms() int {
	if s.take == nil {
		return 0
	}
	return len(s.b)
}

func (s *squares) addTerms(du, dv, x, y *mat.Dense, terms []int, c float64) {
	s.take.AddTerms(du, dv, x, y, s.b, terms, c)
}
