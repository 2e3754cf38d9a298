package landscape

import (
	"context"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// operatorForm is the form ‖𝒜(M)‖² of a measurement map.
type operatorForm struct{ op lr.Operator }

// Dims returns the shape of matrices.
func (f operatorForm) Dims() (d1, d2 int) {
	d1, d2, _ = f.op.Dims()
	return d1, d2
}

// NewEval returns a workspace: the operator's, and m numbers.
func (f operatorForm) NewEval() lr.FormEval {
	_, _, m := f.op.Dims()
	return &operatorFormEval{f.op.NewEval(), make([]float64, m)}
}

type operatorFormEval struct {
	lr.OperatorEval
	res []float64
}

// Apply makes G = 𝒜*𝒜(XYᵀ).
func (e *operatorFormEval) Apply(x, y *mat.Dense) float64 {
	e.ApplyAdjoint(e.res, x, y, nil)
	return loops.Dot(e.res, e.res)
}

// mostTabulated is the number of entries of a matrix up to which a form is
// tabulated.
const mostTabulated = 1024

// tabulated is h as a table on vec(M), row by row, unless the matrices are large:
// a search applies a form many times.
func tabulated(ctx context.Context, h lr.Form) (lr.Form, error) {
	d1, d2 := h.Dims()
	n := d1 * d2
	if n > mostTabulated {
		return h, nil
	}
	t := &tableForm{d1, d2, make([]float64, n*n)}
	e, eye := h.NewEval(), linalg.Identity(d2)
	x, y := mat.NewDense(d1, 1, nil), mat.NewDense(d2, 1, nil)
	for k := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x.Set(k/d2, 0, 1)
		y.Set(k%d2, 0, 1)
		e.Apply(x, y)
		e.Mul(mat.NewDense(d1, d2, t.h[k*n:(k+1)*n]), 0, false, eye)
		x.Set(k/d2, 0, 0)
		y.Set(k%d2, 0, 0)
	}
	return t, nil
}

// tableForm is a form by its (d1·d2)² numbers.
type tableForm struct {
	d1, d2 int
	h      []float64
}

// Dims returns the shape of matrices.
func (t *tableForm) Dims() (d1, d2 int) { return t.d1, t.d2 }

// NewEval returns a workspace of two d1×d2 matrices.
func (t *tableForm) NewEval() lr.FormEval {
	return &tableEval{t: t, m: mat.NewDense(t.d1, t.d2, nil), g: mat.NewDense(t.d1, t.d2, nil)}
}

type tableEval struct {
	t    *tableForm
	m, g *mat.Dense
}

// Apply makes G = H(XYᵀ).
func (e *tableEval) Apply(x, y *mat.Dense) float64 {
	e.m.Mul(x, y.T())
	m, g := e.m.RawMatrix().Data, e.g.RawMatrix().Data
	n := len(m)
	for k := range g {
		g[k] = loops.Dot(e.t.h[k*n:(k+1)*n], m)
	}
	return loops.Dot(m, g)
}

// Mul sets dst = c·dst + G·z, or c·dst + Gᵀ·z when trans.
func (e *tableEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	var g mat.Matrix = e.g
	if trans {
		g = e.g.T()
	}
	var p mat.Dense
	p.Mul(g, z)
	if c != 0 {
		dst.Scale(c, dst)
		p.Add(&p, dst)
	}
	dst.Copy(&p)
}
