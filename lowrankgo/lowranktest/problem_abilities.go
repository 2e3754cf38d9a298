package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// The rules of abilities. A wrapper that claims one is held to it with its own
// term.

// plain is p without its regularisers, and whether there is anything to leave
// out.
func (s problemSuite) plain() (p lr.Problem, regularised bool) {
	if s.o.Unregularised != nil {
		return s.o.Unregularised, true
	}
	for p = s.p; ; regularised = true {
		u, ok := p.(interface{ Unregularised() lr.Problem })
		if !ok {
			return p, regularised
		}
		p = u.Unregularised()
	}
}

func (s problemSuite) mulGrad(t *testing.T) {
	m, _ := lr.MulGradOf(s.p)
	x := s.at("x", 1)
	plain, _ := s.plain()
	_, want := problemSuite{p: plain}.gradAt(x)
	left, right := mat.DenseCopyOf(x.U), mat.DenseCopyOf(x.Right())
	fill(left, math.NaN())
	m.MulGrad(left, false, x, x.Right())
	m.MulGrad(right, true, x, x.U)
	if x.V == nil {
		left.Add(left, right)
	} else {
		near(t, "∇f(M)ᵀ·U", 1e-11, flat(nil, right), flat(nil, want.V))
	}
	near(t, "∇f(M)·V", 1e-11, flat(nil, left), flat(nil, want.U))

	zero, atNil := mat.DenseCopyOf(x.U), mat.DenseCopyOf(x.U)
	m.MulGrad(zero, false, lr.NewPoint(s.p), x.Right())
	m.MulGrad(atNil, false, nil, x.Right())
	near(t, "∇f(0) by a nil x", 1e-12, flat(nil, atNil), flat(nil, zero))
}

func (s problemSuite) batches(t *testing.T) {
	b, _ := lr.BatchesOf(s.p)
	n := b.Terms()
	if n < 1 {
		t.Fatalf("%d terms, want at least 1", n)
	}
	for where, x := range s.points() {
		_, want := s.gradAt(x)
		all, mean, dst := make([]int, n), lr.NewPoint(s.p), nans(s.p)
		var size float64
		for i := range n {
			all[i] = i
			b.GradBatch(dst, x, all[i:i+1])
			mean.AddScaled(1/float64(n), dst)
			size = math.Max(size, dst.Norm())
		}
		nearer(t, "the mean over single terms at "+where, 1e-12*size, numbers(mean), numbers(want))
		b.GradBatch(dst, x, all)
		nearer(t, "the batch of all terms at "+where, 1e-12*size, numbers(dst), numbers(want))
		s.repeated(t, b, x)
	}
	x := s.at("x", 1)
	mustPanic(t, "GradBatch of term n", func() { b.GradBatch(lr.NewPoint(s.p), x, []int{n}) })
	mustPanic(t, "GradBatch of term −1", func() { b.GradBatch(lr.NewPoint(s.p), x, []int{-1}) })
	v, g := s.gradAt(x)
	dst := nans(s.p)
	sameBits(t, "value after batches", one(b.Grad(dst, x)), one(v))
	sameBits(t, "gradient after batches", numbers(dst), numbers(g))
}

// repeated takes a term twice beside another.
func (s problemSuite) repeated(t *testing.T, b lr.Batches, x *lr.Factors) {
	i, j := 0, b.Terms()-1
	gi, gj, got := lr.NewPoint(s.p), lr.NewPoint(s.p), nans(s.p)
	b.GradBatch(gi, x, []int{i})
	b.GradBatch(gj, x, []int{j})
	size := gi.Norm() + gj.Norm()
	b.GradBatch(got, x, []int{j, i, j})
	gi.Scale(1.0 / 3)
	gi.AddScaled(2.0/3, gj)
	nearer(t, "a batch with one term twice", 1e-12*size, numbers(got), numbers(gi))
}

func (s problemSuite) leastSquares(t *testing.T) {
	l, _ := lr.LeastSquaresOf(s.p)
	for where, x := range s.points() {
		v, g := s.gradAt(x)
		e, res := l.Operator.NewEval(), make([]float64, len(l.B))
		e.ApplyAdjoint(res, x.U, x.Right(), l.B)
		value := l.Weight/2*inner(res, res) + l.Ridge/2*x.Dot(x)
		near(t, "value at "+where, 1e-11, one(value), one(v))
		grad := lr.NewPoint(s.p)
		e.Mul(grad.U, 0, false, x.Right())
		if x.V != nil {
			e.Mul(grad.V, 0, true, x.U)
		} else {
			e.Mul(grad.U, 1, true, x.U)
		}
		grad.Scale(l.Weight)
		grad.AddScaled(l.Ridge, x)
		near(t, "gradient at "+where, 1e-11, numbers(grad), numbers(g))
	}
}

func (s problemSuite) parts(t *testing.T) {
	parts, _ := lr.PartsOf(s.p)
	_, _, r := s.p.Dims()
	for where, x := range s.points() {
		v, g := s.gradAt(x)
		var sum float64
		grad, from := lr.NewPoint(s.p), 0
		for j, part := range parts {
			if err := lr.CheckProblem(part); err != nil {
				t.Fatalf("part %d: %v", j, err)
			}
			_, m, _ := part.Dims()
			here := &lr.Factors{U: x.U, V: x.V.Slice(from, from+m, 0, r).(*mat.Dense)}
			pv, pg := problemSuite{p: part}.gradAt(here)
			sum += pv
			grad.U.Add(grad.U, pg.U)
			grad.V.Slice(from, from+m, 0, r).(*mat.Dense).Copy(pg.V)
			from += m
		}
		near(t, "the sum of the parts at "+where, 1e-11, one(sum), one(v))
		near(t, "the gradients of the parts at "+where, 1e-11, numbers(grad), numbers(g))
	}
}
