package solver

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// whole is a half for any operator. With the fixed factor F = QLᵀ, Q of
// orthonormal columns, and the other X⁺ = X + YL⁻¹, it solves
//
//	min_Y ‖𝒜(YQᵀ) − (b − 𝒜(XFᵀ))‖² + ρ‖X + YL⁻¹‖²
//
// by LSQR from Y = 0.
type whole struct {
	left   bool
	ls     *lr.LeastSquares
	op     lr.OperatorEval
	root   float64 // √ρ, of an objective of weight 1; 0: no second block
	lsqr   *krylov.LSQR
	limits krylov.Limits
	a      krylov.Map

	q       *mat.Dense // orthonormal columns of the fixed factor
	gram    []float64  // L
	y, work *mat.Dense // of the shape solved for
	b       []float64  // right-hand sides of both blocks
}

// newWholes returns both halves, which share an evaluator.
func newWholes(ls *lr.LeastSquares, x *lr.Factors, l krylov.Limits) (left, right half) {
	d1, d2, m := ls.Operator.Dims()
	r := x.Rank()
	op := ls.Operator.NewEval()
	make1 := func(left bool, d, fixed int) *whole {
		h := &whole{
			left: left, ls: ls, op: op, root: math.Sqrt(ls.Ridge / ls.Weight), limits: l,
			q: mat.NewDense(fixed, r, nil), gram: make([]float64, r*r),
			y: mat.NewDense(d, r, nil), work: mat.NewDense(d, r, nil),
		}
		rows := m
		if h.root > 0 {
			rows += d * r
		}
		h.b, h.lsqr = make([]float64, rows), krylov.NewLSQR(rows, d*r)
		h.a = krylov.Map{Mul: h.mul, MulT: h.mulT}
		return h
	}
	return make1(true, d1, d2), make1(false, d2, d1)
}

func (h *whole) solve(ctx context.Context, x *lr.Factors) error {
	free, fixed := x.U, x.V
	if !h.left {
		free, fixed = x.V, x.U
	}
	h.orthonormalise(fixed)
	m := len(h.ls.B)
	h.op.Apply(h.b[:m], x.U, x.V, h.ls.B)
	for i := range m {
		h.b[i] = -h.b[i]
	}
	if h.root > 0 {
		for i, v := range free.RawMatrix().Data {
			h.b[m+i] = -h.root * v
		}
	}
	if _, err := h.lsqr.Solve(ctx, h.a, h.y.RawMatrix().Data, h.b, h.limits); err != nil {
		return err
	}
	h.eachRow(h.y, linalg.SolveUpper)
	free.Add(free, h.y)
	return nil
}

// orthonormalise sets L and Q = FL⁻ᵀ, or L = I and Q = F when F has nearly
// dependent columns.
func (h *whole) orthonormalise(f *mat.Dense) {
	gramLower(h.gram, f)
	h.q.Copy(f)
	r := f.RawMatrix().Cols
	if linalg.Cholesky(h.gram, r) > 1e-12 {
		h.eachRow(h.q, linalg.SolveLower)
		return
	}
	clear(h.gram)
	for k := range r {
		h.gram[k*r+k] = 1
	}
}

// eachRow solves with L for each row of a: SolveUpper makes it a·L⁻¹,
// SolveLower a·L⁻ᵀ.
func (h *whole) eachRow(a *mat.Dense, solve func(l []float64, n int, b []float64)) {
	rows, r := a.Dims()
	for i := range rows {
		solve(h.gram, r, a.RawRowView(i))
	}
}

// mul sets dst = (𝒜(YQᵀ), √ρ·YL⁻¹).
func (h *whole) mul(dst, y []float64) {
	copy(h.work.RawMatrix().Data, y)
	m := len(h.ls.B)
	if h.left {
		h.op.Apply(dst[:m], h.work, h.q, nil)
	} else {
		h.op.Apply(dst[:m], h.q, h.work, nil)
	}
	if h.root > 0 {
		h.eachRow(h.work, linalg.SolveUpper)
		for i, v := range h.work.RawMatrix().Data {
			dst[m+i] = h.root * v
		}
	}
}

// mulT is the adjoint of mul: dst = 𝒜*(z)Q + √ρ·ZL⁻ᵀ, transposed for V.
func (h *whole) mulT(dst, z []float64) {
	m := len(h.ls.B)
	h.op.Adjoint(z[:m])
	h.op.Mul(h.work, 0, !h.left, h.q)
	copy(dst, h.work.RawMatrix().Data)
	if h.root > 0 {
		copy(h.work.RawMatrix().Data, z[m:])
		h.eachRow(h.work, linalg.SolveLower)
		for i, v := range h.work.RawMatrix().Data {
			dst[i] += float64(h.root * v)
		}
	}
}
