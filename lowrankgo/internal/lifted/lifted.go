// Package lifted applies the forms of [G] Def 7, which act on (d1+d2)×(d1+d2)
// matrices N, matrix-free on products of thin factors.
package lifted

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Form is the workspace of a form on d1×d2 matrices, as lowrankgo.FormEval.
type Form interface {
	Apply(x, y *mat.Dense) float64
	Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense)
}

// Eval is the workspace of
//
//	H = H1·c₁ + 𝒢·c₂,  H1(N) = ½[0, A(N12); B(N21ᵀ)ᵀ, 0],  𝒢(N) = J N J
//
// with J = diag(I, −I) of d1 and d2 rows. [G] has A = B = H0.
type Eval struct {
	d1, d2       int
	upper, lower Form // A and B; nil when c₁ is 0
	first        float64
	second       float64

	x1, x2, y1, y2, z1, z2, dst1, dst2 *mat.Dense // views of what was passed in

	jx, jy, scaled matrix
	gx, gy         matrix
}

// matrix is memory that is kept when a matrix grows smaller.
type matrix struct{ mat.Dense }

// sized returns m as r×k, with entries that are not defined.
func (m *matrix) sized(r, k int) *mat.Dense {
	if mr, mk := m.Dims(); mr != r || mk != k {
		m.Reset()
		m.ReuseAs(r, k)
	}
	return &m.Dense
}

// New returns a workspace. Both forms may be nil when first is 0.
func New(d1, d2 int, upper, lower Form, first, second float64) *Eval {
	e := &Eval{d1: d1, d2: d2, upper: upper, lower: lower, first: first, second: second}
	for _, v := range []**mat.Dense{&e.x1, &e.x2, &e.y1, &e.y2, &e.z1, &e.z2, &e.dst1, &e.dst2} {
		*v = new(mat.Dense)
	}
	return e
}

// split makes top see the first d1 rows of a and bottom the others.
func (e *Eval) split(top, bottom, a *mat.Dense) {
	raw := a.RawMatrix()
	view := func(m *mat.Dense, from, to int) {
		m.SetRawMatrix(blas64.General{
			Rows: to - from, Cols: raw.Cols, Stride: raw.Stride,
			Data: raw.Data[from*raw.Stride : (to-1)*raw.Stride+raw.Cols],
		})
	}
	view(top, 0, e.d1)
	view(bottom, e.d1, e.d1+e.d2)
}

func (e *Eval) check(a, b *mat.Dense) {
	ar, ak := a.Dims()
	if br, bk := b.Dims(); ar != e.d1+e.d2 || br != ar || ak != bk {
		panic(fmt.Sprintf("lifted: matrices are %d×%d and %d×%d, want both %d×k", ar, ak, br, bk, e.d1+e.d2))
	}
}

// Apply makes G = H(XYᵀ) and returns XYᵀ : H : XYᵀ; cost that of A and B, and
// 2(d1+d2)k² multiplications.
func (e *Eval) Apply(x, y *mat.Dense) float64 {
	e.check(x, y)
	var value float64
	if e.first != 0 {
		e.split(e.x1, e.x2, x)
		e.split(e.y1, e.y2, y)
		value = e.first / 2 * (e.upper.Apply(e.x1, e.y2) + e.lower.Apply(e.y1, e.x2))
	}
	if e.second == 0 {
		return value
	}
	rows, k := x.Dims()
	jx, jy := e.jx.sized(rows, k), e.jy.sized(rows, k)
	e.flip(jx, x)
	e.flip(jy, y)
	gx, gy := e.gx.sized(k, k), e.gy.sized(k, k)
	gram(gx, x, jx)
	gram(gy, y, jy)
	var s float64
	for i := range k {
		s += dot(gx.RawRowView(i), gy.RawRowView(i))
	}
	return value + float64(e.second*s)
}

// flip sets dst = J·a.
func (e *Eval) flip(dst, a *mat.Dense) {
	for i := range e.d1 + e.d2 {
		out := dst.RawRowView(i)
		copy(out, a.RawRowView(i))
		if i >= e.d1 {
			for k := range out {
				out[k] = -out[k]
			}
		}
	}
}

// gram sets dst = aᵀb.
func gram(dst, a, b *mat.Dense) {
	dst.Zero()
	for row := range a.RawMatrix().Rows {
		br := b.RawRowView(row)
		for i, v := range a.RawRowView(row) {
			add(dst.RawRowView(i), v, br)
		}
	}
}

func add(dst []float64, c float64, x []float64) {
	for k, v := range x {
		dst[k] += float64(c * v)
	}
}

func dot(x, y []float64) float64 {
	var s float64
	for k, v := range x {
		s += float64(v * y[k])
	}
	return s
}

// Mul sets dst = c·dst + G·z, or c·dst + Gᵀ·z when trans, for the G of the last
// Apply.
func (e *Eval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	e.check(dst, z)
	if e.first == 0 {
		scale(dst, c)
	} else {
		e.mulBlocks(dst, c, trans, z)
	}
	if e.second == 0 {
		return
	}
	left, right := &e.jx.Dense, &e.jy.Dense // 𝒢(N) = JX(JY)ᵀ
	if trans {
		left, right = right, left
	}
	_, k := left.Dims()
	inner := e.gx.sized(k, z.RawMatrix().Cols)
	gram(inner, right, z)
	for i := range left.RawMatrix().Rows {
		for j, v := range left.RawRowView(i) {
			add(dst.RawRowView(i), e.second*v, inner.RawRowView(j))
		}
	}
}

// mulBlocks is Mul of the blocks G12 = (c₁/2)A(N12) and G21 = (c₁/2)B(N21ᵀ)ᵀ.
func (e *Eval) mulBlocks(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	rows, k := z.Dims()
	half := e.scaled.sized(rows, k)
	for i := range rows {
		out := half.RawRowView(i)
		for j, v := range z.RawRowView(i) {
			out[j] = e.first / 2 * v
		}
	}
	e.split(e.z1, e.z2, half)
	e.split(e.dst1, e.dst2, dst)
	upper, lower := e.upper, e.lower
	if trans {
		upper, lower = lower, upper
	}
	upper.Mul(e.dst1, c, false, e.z2)
	lower.Mul(e.dst2, c, true, e.z1)
}

// scale sets dst = c·dst; a c of 0 ignores what dst held.
func scale(dst *mat.Dense, c float64) {
	for i := range dst.RawMatrix().Rows {
		row := dst.RawRowView(i)
		for j := range row {
			if c == 0 {
				row[j] = 0
			} else {
				row[j] *= c
			}
		}
	}
}
