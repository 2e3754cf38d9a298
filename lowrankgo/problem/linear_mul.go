package problem

import (
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// multiplier multiplies a dense matrix by thin ones on all threads, in blocks
// of rows of the result that depend on its size alone.
type multiplier struct {
	l     *mat.Dense
	thin  []float64 // zᵀ, or the columns of the result
	dst   *mat.Dense
	z     *mat.Dense
	c     float64
	n     int // blocks of the call under way
	rows  *par.Loop
	trans *par.Loop
}

func newMultiplier(l *mat.Dense) *multiplier {
	m := &multiplier{l: l}
	m.rows, m.trans = par.New(m.rowBlock), par.New(m.transBlock)
	return m
}

// grain is the least number of multiplications worth a block.
const grain = 1 << 15

func (m *multiplier) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	d1, d2 := m.l.Dims()
	if trans {
		d1, d2 = d2, d1
	}
	r, k := dst.Dims()
	if zr, zk := z.Dims(); r != d1 || zr != d2 || zk != k {
		panic(fmt.Sprintf("problem: dst is %d×%d and z %d×%d, want %d×k and %d×k", r, k, zr, zk, d1, d2))
	}
	m.dst, m.c, m.z = dst, c, z
	m.n = par.Blocks(d1, max(8, grain/(d2*k)), 64)
	m.reserve(k * max(d1, d2))
	if trans {
		m.trans.Run(m.n)
		return
	}
	for j := range d2 {
		for i, v := range z.RawRowView(j) {
			m.thin[i*d2+j] = v
		}
	}
	m.rows.Run(m.n)
}

func (m *multiplier) reserve(n int) {
	if cap(m.thin) < n {
		m.thin = make([]float64, n)
	}
	m.thin = m.thin[:n]
}

// rowBlock does dst_ik = c·dst_ik + ⟨L_i, z_k⟩ for its rows i.
func (m *multiplier) rowBlock(b int) {
	d1, d2 := m.l.Dims()
	lo, hi := par.Bounds(d1, m.n, b)
	for i := lo; i < hi; i++ {
		row := m.l.RawRowView(i)
		out := m.dst.RawRowView(i)
		for k := range out {
			setScaled(&out[k], m.c, loops.Dot(row, m.thin[k*d2:(k+1)*d2]))
		}
	}
}

// transBlock gathers Σᵢ z_ik L_i over its columns of L, which are rows of dst,
// for each column k of z.
func (m *multiplier) transBlock(b int) {
	d1, d2 := m.l.Dims()
	lo, hi := par.Bounds(d2, m.n, b)
	_, cols := m.z.Dims()
	for k := range cols {
		clear(m.thin[k*d2+lo : k*d2+hi])
	}
	for i := range d1 {
		row := m.l.RawRowView(i)[lo:hi]
		for k, v := range m.z.RawRowView(i) {
			loops.AddScaled(m.thin[k*d2+lo:k*d2+hi], v, row)
		}
	}
	for j := lo; j < hi; j++ {
		out := m.dst.RawRowView(j)
		for k := range out {
			setScaled(&out[k], m.c, m.thin[k*d2+j])
		}
	}
}

// setScaled sets *p = c·*p + v; a c of 0 ignores *p, also when it is NaN.
func setScaled(p *float64, c, v float64) {
	if c != 0 {
		v += float64(c * *p)
	}
	*p = v
}
