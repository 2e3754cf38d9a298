package lowranktest_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"gonum.org/v1/gonum/mat"
)

// weights is the form H(M)ᵢⱼ = (1 + i + 2j)·Mᵢⱼ on 4×3 matrices, with a fault.
type weights struct {
	fault func(*badFormEval)
	evals *atomic.Int64
}

type badFormEval struct {
	half, square, shift, drop, raw, late, anyShape, threads, allocate, count bool
	weight, weightT                                                          float64
	nth                                                                      int64

	g, x, y *mat.Dense
	sink    []float64
}

func (w weights) Dims() (d1, d2 int) { return 4, 3 }

func (w weights) NewEval() lr.FormEval {
	e := &badFormEval{weight: 1, weightT: 1, g: mat.NewDense(4, 3, nil), nth: w.evals.Add(1)}
	w.fault(e)
	return e
}

func (e *badFormEval) Apply(x, y *mat.Dense) float64 {
	if r, c := x.Dims(); !e.anyShape && (r != 4 || y.RawMatrix().Rows != 3 || y.RawMatrix().Cols != c) {
		panic("lowranktest: shapes do not fit")
	}
	if e.raw {
		r, c := x.Dims()
		x = mat.NewDense(r, c, x.RawMatrix().Data[:r*c])
	}
	if e.allocate {
		e.sink = make([]float64, 3)
	}
	e.x, e.y = x, y
	return e.visit()
}

func (e *badFormEval) visit() (value float64) {
	for i := range 4 {
		for j := range 3 {
			var m float64
			for k, v := range e.x.RawRowView(min(i, e.x.RawMatrix().Rows-1)) {
				m += v * e.y.RawRowView(j)[k]
			}
			h := e.weight * m * float64(1+i+2*j)
			if e.square {
				h *= m
			}
			if e.threads {
				h *= float64(runtime.GOMAXPROCS(0))
			}
			if e.count {
				h *= float64(e.nth)
			}
			at := j
			if e.shift {
				at = (j + 1) % 3
			}
			e.g.Set(i, at, h)
			value += m * h
		}
	}
	if e.half {
		value /= 2
	}
	return value
}

func (e *badFormEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	rows, inner := 4, 3
	if trans {
		rows, inner = 3, 4
	}
	if r, k := dst.Dims(); !e.anyShape && (r != rows || z.RawMatrix().Rows != inner || z.RawMatrix().Cols != k) {
		panic("lowranktest: shapes do not fit")
	}
	if e.late {
		e.visit()
	}
	for i := range rows {
		row := dst.RawRowView(i)
		for k := range row {
			var s float64
			for j := range inner {
				g := e.g.At(min(i, 3), j%3)
				if trans {
					g = e.g.At(j, i) * e.weightT
				}
				s += g * z.RawRowView(j)[k]
			}
			if c != 0 && !e.drop {
				s += c * row[k]
			}
			row[k] = s
		}
	}
}

func naiveWeights(m *mat.Dense) *mat.Dense {
	var h mat.Dense
	h.Apply(func(i, j int, v float64) float64 { return v * float64(1+i+2*j) }, m)
	return &h
}

func brokenForm(fault func(*badFormEval)) func(t *testing.T) {
	return func(t *testing.T) { lowranktest.TestForm(t, weights{fault, new(atomic.Int64)}, naiveWeights) }
}

// TestGoodForm: without a fault the form passes.
func TestGoodForm(t *testing.T) { brokenForm(func(*badFormEval) {})(t) }
