package lowranktest_test

import (
	"math"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// badProblem is a sensing problem with a fault.
type badProblem struct {
	*problem.Quadratic
	factor, hessFactor, batchFactor     float64
	weight                              float64 // of the least-squares form
	skew, stale, add, ulp, ridge, merge bool
	allocate                            bool
}

type badProblemEval struct {
	badProblem
	hess lr.HessVec
	mul  lr.MulGrad
	some lr.Batches
	last *lr.Factors
	sink []float64
}

func brokenProblem(fault func(*badProblem)) func(t *testing.T) {
	return func(t *testing.T) {
		b := badProblem{Quadratic: good(t), factor: 1, hessFactor: 1, batchFactor: 1, weight: 1}
		fault(&b)
		lowranktest.TestProblem(t, b)
	}
}

func (b badProblem) NewEval() lr.Evaluator {
	h, _ := lr.HessVecOf(b.Quadratic)
	m, _ := lr.MulGradOf(b.Quadratic)
	s, _ := lr.BatchesOf(b.Quadratic)
	return &badProblemEval{badProblem: b, hess: h, mul: m, some: s}
}

func (e *badProblemEval) Grad(dst, x *lr.Factors) float64 {
	if e.stale {
		if e.last == nil {
			e.last = x.Clone()
		}
		x = e.last
	}
	var held *lr.Factors
	if e.add && dst != nil {
		held = dst.Clone()
	}
	v := e.hess.Grad(dst, x)
	if e.skew {
		v += x.U.At(0, 0)
	}
	if e.ulp && dst == nil {
		v = math.Nextafter(v, 2*v)
	}
	if e.ridge {
		v += x.Dot(x)
	}
	if dst != nil {
		if e.ridge {
			dst.AddScaled(2, x)
		}
		dst.Scale(e.factor)
		if held != nil {
			dst.AddScaled(1, held)
		}
	}
	return v
}

func (e *badProblemEval) HessVec(dst, x, d *lr.Factors) {
	e.hess.HessVec(dst, x, d)
	dst.Scale(e.hessFactor)
}

func (e *badProblemEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.mul.MulGrad(dst, trans, x, z)
	if e.allocate {
		e.sink = make([]float64, 3)
	}
}

func (e *badProblemEval) Terms() int { return e.some.Terms() }

func (e *badProblemEval) GradBatch(dst, x *lr.Factors, terms []int) {
	if e.merge {
		terms = slices.Compact(slices.Sorted(slices.Values(terms)))
	}
	e.some.GradBatch(dst, x, terms)
	dst.Scale(e.batchFactor)
}

func (b badProblem) LeastSquares() *lr.LeastSquares {
	l, _ := lr.LeastSquaresOf(b.Quadratic)
	other := *l
	other.Weight *= b.weight
	return &other
}

func brokenNaive(t *testing.T) {
	p := good(t)
	lowranktest.TestProblem(t, p, lowranktest.ProblemOptions{Naive: func(x *lr.Factors) float64 { return 1 + p.NewEval().Grad(nil, x) }})
}

// square is ½‖UVᵀ‖² and its gradient.
func square(dst, x *lr.Factors) float64 {
	var m mat.Dense
	m.Mul(x.U, x.V.T())
	if dst != nil {
		dst.U.Mul(&m, x.V)
		dst.V.Mul(m.T(), x.U)
	}
	n := mat.Norm(&m, 2)
	return n * n / 2
}

func brokenParts(t *testing.T) {
	part := lr.Funcs{D1: 4, D2: 3, Rank: 2, GradFunc: square}
	twice := part
	twice.GradFunc = func(dst, x *lr.Factors) float64 {
		v := square(dst, x)
		if dst != nil {
			dst.Scale(2)
		}
		return 2 * v
	}
	whole := lr.Funcs{D1: 4, D2: 6, Rank: 2, GradFunc: square, PartsValue: []lr.Problem{part, twice}}
	lowranktest.TestProblem(t, whole)
}
