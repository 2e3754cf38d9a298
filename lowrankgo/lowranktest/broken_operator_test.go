package lowranktest_test

import (
	"math"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// badEval is a dense operator's evaluator with a fault.
type badEval struct {
	lr.OperatorEval
	forgetB, keepDst, allocate, scaleX, roughly bool
	denseTwice, forgetDenseB, raw               bool // on dense matrices
	merge, sortTerms                            bool // on terms
	factor                                      float64
	sink                                        []float64
}

type badOperator struct {
	lr.Operator
	fault func(*badEval)
}

func (o badOperator) NewEval() lr.OperatorEval {
	e := &badEval{OperatorEval: o.Operator.NewEval(), factor: 1}
	o.fault(e)
	return e
}

func brokenOperator(fault func(*badEval)) func(t *testing.T) {
	return func(t *testing.T) {
		op, err := operator.NewGaussian(6, 5, 12, 1)
		if err != nil {
			t.Fatal(err)
		}
		lowranktest.TestOperator(t, badOperator{op, fault}, nil)
	}
}

func (e *badEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	if e.forgetB {
		b = nil
	}
	if e.allocate {
		e.sink = make([]float64, len(dst))
	}
	e.OperatorEval.Apply(dst, x, y, b)
	if e.scaleX {
		x.Scale(2, x)
	}
}

func (e *badEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	if e.keepDst && c == 0 {
		c = 1e-3
	}
	e.OperatorEval.Mul(dst, c, trans, z)
	if e.factor != 1 {
		dst.Scale(e.factor, dst)
	}
}

func (e *badEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.OperatorEval.ApplyAdjoint(dst, x, y, b)
	if e.roughly {
		dst[0] = math.Nextafter(dst[0], 2*dst[0])
	}
}

func (e *badEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	if e.forgetDenseB {
		b = nil
	}
	if e.raw {
		r, c := m.Dims()
		m = mat.NewDense(r, c, m.RawMatrix().Data[:r*c])
	}
	e.OperatorEval.(lr.DenseEval).ApplyDense(dst, m, b)
}

func (e *badEval) AdjointDense(dst *mat.Dense) {
	e.OperatorEval.(lr.DenseEval).AdjointDense(dst)
	if e.denseTwice {
		dst.Set(0, 0, 2*dst.At(0, 0))
	}
}

func (e *badEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	if e.merge {
		terms = slices.Compact(slices.Sorted(slices.Values(terms)))
	}
	if e.sortTerms {
		slices.Sort(terms)
	}
	e.OperatorEval.(lr.TermsEval).AddTerms(du, dv, x, y, b, terms, c)
}

// badPattern is a mask that says it is another.
type badPattern struct {
	lr.Operator
	p *lr.Pattern
}

func (b badPattern) Pattern() *lr.Pattern { return b.p }

func brokenPattern(fault func(*lr.Pattern)) func(t *testing.T) {
	return func(t *testing.T) {
		op, err := operator.NewBernoulliMask(6, 5, 0.9, 1)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := lr.PatternOf(op)
		other := &lr.Pattern{
			RowFrom: slices.Clone(p.RowFrom), Col: slices.Clone(p.Col),
			ColFrom: slices.Clone(p.ColFrom), Row: slices.Clone(p.Row), At: slices.Clone(p.At),
		}
		fault(other)
		lowranktest.TestOperator(t, badPattern{op, other}, nil)
	}
}
