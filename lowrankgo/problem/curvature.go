package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Curvature returns ∇²f(X) as a form on d1×d2 matrices, at the X of any
// factors; see lowrankgo.CurvatureOf. It is an error when f has no second
// derivatives. An application costs what the K of a Hessian product does.
func (o *Objective) Curvature(x *lr.Factors) (lr.Form, error) {
	if !o.bends() {
		return nil, fmt.Errorf("problem: the curvature of %v is asked for, which has no second derivatives: %w", o, lr.ErrAbility)
	}
	return &curvature{o, x.Clone()}, nil
}

// bends reports whether f has second derivatives.
func (o *Objective) bends() bool {
	if o.newSmooth == nil { // a problem that has an evaluator of its own
		return false
	}
	_, ok := o.newSmooth().(twice)
	return ok
}

// Curvature returns that of the problem inside: a term of (U, V) is no part of
// f, and one of UVᵀ is linear.
func (s *sum) Curvature(x *lr.Factors) (lr.Form, error) { return lr.CurvatureOf(s.of, x) }

// curvature is ∇²f(X).
type curvature struct {
	o *Objective
	x *lr.Factors
}

func (c *curvature) Dims() (d1, d2 int) { return c.o.d1, c.o.d2 }

func (c *curvature) String() string { return fmt.Sprintf("∇²f of %v", c.o) }

// NewEval visits X, unless f is quadratic, whose second derivative is the same
// everywhere.
func (c *curvature) NewEval() lr.FormEval {
	f := c.o.newSmooth().(twice)
	switch f.(type) {
	case *squares, *formed:
	default:
		f.visit(c.x.U, c.x.Right())
	}
	return &curvatureEval{f: f, weight: c.o.weight, kd: new(mat.Dense), z: new(mat.Dense)}
}

type curvatureEval struct {
	f      twice
	weight float64
	kd, z  *mat.Dense // K·Y of an Apply, and weight·z
}

// sized makes m r×k, keeping its memory where that is large enough.
func sized(m *mat.Dense, r, k int) *mat.Dense {
	if mr, mk := m.Dims(); mr != r || mk != k {
		m.Reset()
		m.ReuseAs(r, k)
	}
	return m
}

func (e *curvatureEval) Apply(x, y *mat.Dense) float64 {
	e.f.along(x, y)
	rows, k := x.Dims()
	e.Mul(sized(e.kd, rows, k), 0, false, y)
	var s float64
	for i := range rows {
		s += inner(x.RawRowView(i), e.kd.RawRowView(i))
	}
	return s
}

func (e *curvatureEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	rows, k := z.Dims()
	scaled := sized(e.z, rows, k)
	for i := range rows {
		out := scaled.RawRowView(i)
		for j, v := range z.RawRowView(i) {
			out[j] = e.weight * v
		}
	}
	e.f.mulHess(dst, c, trans, scaled)
}

// Curvature returns ∇²f(X) for f = Σⱼ fⱼ: each part sees its own columns.
func (s *blocks) Curvature(x *lr.Factors) (lr.Form, error) {
	f := &blocksCurvature{s: s}
	for j, p := range s.parts {
		part := &lr.Factors{U: x.U, V: new(mat.Dense)}
		rows(part.V, x.Right(), s.from[j], s.from[j+1])
		h, err := lr.CurvatureOf(p, part)
		if err != nil {
			return nil, fmt.Errorf("problem: part %d of Separable: %w", j, err)
		}
		f.parts = append(f.parts, h)
	}
	return f, nil
}

type blocksCurvature struct {
	s     *blocks
	parts []lr.Form
}

func (c *blocksCurvature) Dims() (d1, d2 int) { return c.s.d1, c.s.d2 }

func (c *blocksCurvature) NewEval() lr.FormEval {
	e := &blocksCurvatureEval{s: c.s, view: new(mat.Dense)}
	for _, h := range c.parts {
		e.parts = append(e.parts, h.NewEval())
	}
	return e
}

type blocksCurvatureEval struct {
	s     *blocks
	parts []lr.FormEval
	view  *mat.Dense
}

func (e *blocksCurvatureEval) Apply(x, y *mat.Dense) float64 {
	e.check(x, y)
	var s float64
	for j, part := range e.parts {
		rows(e.view, y, e.s.from[j], e.s.from[j+1])
		s += part.Apply(x, e.view)
	}
	return s
}

func (e *blocksCurvatureEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	if trans {
		e.check(z, dst)
	} else {
		e.check(dst, z)
	}
	for j, part := range e.parts {
		if trans {
			rows(e.view, dst, e.s.from[j], e.s.from[j+1])
			part.Mul(e.view, c, true, z)
			continue
		}
		rows(e.view, z, e.s.from[j], e.s.from[j+1])
		part.Mul(dst, c, false, e.view)
		c = 1
	}
}

// check panics unless x is d1×k and y d2×k.
func (e *blocksCurvatureEval) check(x, y *mat.Dense) {
	x1, xk := x.Dims()
	if y1, yk := y.Dims(); x1 != e.s.d1 || y1 != e.s.d2 || xk != yk {
		panic(fmt.Sprintf("problem: factors are %d×%d and %d×%d, want %d×k and %d×k", x1, xk, y1, yk, e.s.d1, e.s.d2))
	}
}
