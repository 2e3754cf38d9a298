package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// The rules of lowrankgo.DenseEval. An operator without it is asked by
// DenseEvalOf, which goes through factors.

func (s operatorSuite) zeros() *mat.Dense {
	d1, d2, _ := s.op.Dims()
	return mat.NewDense(d1, d2, nil)
}

func (s operatorSuite) matrix(name string) *mat.Dense {
	d1, d2, _ := s.op.Dims()
	return normal(name, d1, d2)
}

func (s operatorSuite) dense(t *testing.T) {
	x, y := s.thin("dense", 3)
	var m mat.Dense
	m.Mul(x, y.T())
	b, w := s.vector("b"), s.vector("w")
	e, got := lr.DenseEvalOf(s.op), make([]float64, len(b))
	for _, b := range [][]float64{nil, b} {
		e.ApplyDense(got, &m, b)
		near(t, "ApplyDense of XYᵀ", 1e-12, got, s.apply(x, y, b))
	}
	if s.naive != nil {
		full := s.matrix("full")
		e.ApplyDense(got, full, nil)
		near(t, "ApplyDense", 1e-12, got, s.naive(full))
	}
	e.Adjoint(w)
	g := s.zeros()
	fill(g, math.NaN())
	e.AdjointDense(g)
	s.isAdjoint(t, e, g, "Adjoint")
	e.ApplyAdjoint(got, x, y, b)
	e.AdjointDense(g)
	s.isAdjoint(t, e, g, "ApplyAdjoint")
}

// isAdjoint compares a dense G with what Mul applies.
func (s operatorSuite) isAdjoint(t *testing.T, e lr.OperatorEval, g *mat.Dense, after string) {
	t.Helper()
	x, y := s.thin("z", 2)
	var gy, gx mat.Dense
	gy.Mul(g, y)
	gx.Mul(g.T(), x)
	near(t, "AdjointDense·z after "+after, 1e-12, flat(nil, &gy), flat(nil, s.mul(e, false, y)))
	near(t, "AdjointDenseᵀ·z after "+after, 1e-12, flat(nil, &gx), flat(nil, s.mul(e, true, x)))
}

// denseResults makes every dense call on a new evaluator.
func (s operatorSuite) denseResults() []float64 {
	e, g := lr.DenseEvalOf(s.op), s.zeros()
	res := s.vector("dst")
	e.ApplyDense(res, s.matrix("m"), s.vector("b"))
	e.Adjoint(res)
	e.AdjointDense(g)
	return flat(append([]float64(nil), res...), g)
}

func (s operatorSuite) denseViews(t *testing.T) {
	m, b := s.matrix("m"), s.vector("b")
	e := lr.DenseEvalOf(s.op)
	got, want, g := make([]float64, len(b)), make([]float64, len(b)), s.zeros()
	e.ApplyDense(want, m, b)
	e.ApplyDense(got, inside(m), b)
	sameBits(t, "ApplyDense of a view", got, want)
	e.Adjoint(b)
	e.AdjointDense(g)
	view := inside(g)
	fill(view, 7)
	e.AdjointDense(view)
	sameBits(t, "AdjointDense into a view", flat(nil, view), flat(nil, g))
}

func (s operatorSuite) denseInputs(t *testing.T) {
	m, b := s.matrix("m"), s.vector("b")
	e, res := lr.DenseEvalOf(s.op), s.vector("dst")
	e.ApplyDense(res, m, b)
	sameBits(t, "m after ApplyDense", flat(nil, m), flat(nil, s.matrix("m")))
	sameBits(t, "b after ApplyDense", b, s.vector("b"))
}

func (s operatorSuite) denseShapes(t *testing.T) {
	d1, d2, n := s.op.Dims()
	e, res := lr.DenseEvalOf(s.op), make([]float64, n)
	tall, wide := mat.NewDense(d1+1, d2, nil), mat.NewDense(d1, d2+1, nil)
	mustPanic(t, "ApplyDense of d1+1 rows", func() { e.ApplyDense(res, tall, nil) })
	mustPanic(t, "ApplyDense of d2+1 columns", func() { e.ApplyDense(res, wide, nil) })
	mustPanic(t, "ApplyDense with dst of m+1 numbers", func() { e.ApplyDense(make([]float64, n+1), s.zeros(), nil) })
	mustPanic(t, "ApplyDense with b of m+1 numbers", func() { e.ApplyDense(res, s.zeros(), make([]float64, n+1)) })
	e.Adjoint(res)
	mustPanic(t, "AdjointDense into d1+1 rows", func() { e.AdjointDense(tall) })
	mustPanic(t, "AdjointDense into d2+1 columns", func() { e.AdjointDense(wide) })
}

func (s operatorSuite) denseAllocations(t *testing.T) {
	e, m, g, b, res := lr.DenseEvalOf(s.op), s.matrix("m"), s.zeros(), s.vector("b"), s.vector("dst")
	n := allocations(20, func() {
		e.ApplyDense(res, m, b)
		e.Adjoint(b)
		e.AdjointDense(g)
	})
	if n > 0 {
		t.Errorf("%d allocations in a round of the dense calls, want none", n)
	}
}
