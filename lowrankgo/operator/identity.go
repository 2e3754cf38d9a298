package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// Identity is the map that measures every entry,
//
//	𝒜(M) = vec(M),  m = d1·d2, row by row
//
// for factorisation problems, ½‖UVᵀ − A‖F². It stores nothing. Applying it to
// factors of k columns costs 2·d1·d2·k flops and writes vec(M) straight into
// what it is given; products with 𝒜*(w) = w, as a matrix, cost the same and
// read w once, without a copy.
type Identity struct{ d1, d2 int }

// NewIdentity returns the identity on d1×d2 matrices. Sizes below 1, and above
// 2³⁷ numbers, are errors.
func NewIdentity(d1, d2 int) (*Identity, error) {
	if err := checkSizes(d1, d2, 1); err != nil {
		return nil, err
	}
	return &Identity{d1, d2}, nil
}

// Dims returns the shape of matrices and the number of entries.
func (o *Identity) Dims() (d1, d2, m int) { return o.d1, o.d2, o.d1 * o.d2 }

// Bytes returns 0: nothing is stored.
func (o *Identity) Bytes() int { return 0 }

func (o *Identity) String() string { return fmt.Sprintf("Identity(%d×%d)", o.d1, o.d2) }

// NewEval returns a workspace. It grows with the number k of columns it is
// given, to (d1+2·d2)·k numbers, and holds no d1×d2 matrix.
func (o *Identity) NewEval() lr.OperatorEval {
	return &identityEval{op: o, m: newMatrix(o.d1, o.d2, nil), g: newMatrix(o.d1, o.d2, nil)}
}

// identityEval works in the caller's vectors: m is the dst of Apply, g the w of
// Adjoint.
type identityEval struct {
	op   *Identity
	m, g *matrix
}

func (e *identityEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.d1*e.op.d2)
	checkThin(x, y, e.op.d1, e.op.d2)
	e.m.data = dst
	e.m.form(x, y)
	loops.AddScaled(dst, -1, b)
}

func (e *identityEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.d1*e.op.d2)
	e.m.data = dst
	e.m.load(m)
	loops.AddScaled(dst, -1, b)
}

func (e *identityEval) Adjoint(w []float64) {
	checkLen("w", len(w), e.op.d1*e.op.d2)
	e.g.data = w
}

func (e *identityEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

func (e *identityEval) AdjointDense(dst *mat.Dense) {
	checkAdjoint(e.g.data)
	e.g.store(dst)
}

func (e *identityEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkAdjoint(e.g.data)
	e.g.mul(dst, c, trans, z)
}

// AddTerms costs 6k flops a term, which is one entry.
func (e *identityEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	d1, d2, m := e.op.Dims()
	checkTerms(du, dv, x, y, b, terms, d1, d2, m)
	for _, t := range terms {
		i, j := t/d2, t%d2
		xi, yj := x.RawRowView(i), y.RawRowView(j)
		var s float64
		for l, v := range xi {
			s += float64(v * yj[l])
		}
		if b != nil {
			s -= b[t]
		}
		loops.AddScaled(du.RawRowView(i), c*s, yj)
		loops.AddScaled(dv.RawRowView(j), c*s, xi)
	}
}
