package operator

import (
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// matrix is a d1×d2 matrix of a workspace with the products that maps need of
// it: it is formed from factors, and applied to thin matrices. Its rows, and
// its columns, are cut into fixed blocks that threads share.
type matrix struct {
	d1, d2               int
	data                 []float64 // row-major
	rowBlocks, colBlocks int
	thin, sums           []float64

	dst, x                      *mat.Dense // of the call under way
	c                           float64
	formLoop, mulLoop, tMulLoop *par.Loop
}

// newMatrix makes a matrix around data, which the caller may replace; nil data
// is to be set before use.
func newMatrix(d1, d2 int, data []float64) *matrix {
	const grain = 1 << 15
	m := &matrix{
		d1: d1, d2: d2, data: data,
		rowBlocks: par.Blocks(d1, 1+grain/d2, 64),
		colBlocks: par.Blocks((d2+7)/8, 1+grain/(8*d1), 64),
	}
	m.formLoop, m.mulLoop, m.tMulLoop = par.New(m.formBlock), par.New(m.mulBlock), par.New(m.tMulBlock)
	return m
}

func (m *matrix) row(i int) []float64 { return m.data[i*m.d2 : (i+1)*m.d2] }

// form sets m = XYᵀ; 2·d1·d2·k flops.
func (m *matrix) form(x, y *mat.Dense) {
	m.x, m.thin = x, transposed(m.thin, y)
	m.formLoop.Run(m.rowBlocks)
}

// formBlock makes a row of M from the rows of Yᵀ.
func (m *matrix) formBlock(block int) {
	lo, hi := par.Bounds(m.d1, m.rowBlocks, block)
	for i := lo; i < hi; i++ {
		row := m.row(i)
		clear(row)
		combine(row, m.x.RawRowView(i), m.thin)
	}
}

// mul sets dst = c·dst + m·z, or c·dst + mᵀ·z when trans; 2·d1·d2·k flops and
// one pass over m.
func (m *matrix) mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, m.d1, m.d2)
	m.dst, m.x, m.c = dst, z, c
	if trans {
		_, k := z.Dims()
		m.sums = grown(m.sums, k*m.d2)
		m.tMulLoop.Run(m.colBlocks)
		return
	}
	m.thin = transposed(m.thin, z)
	m.mulLoop.Run(m.rowBlocks)
}

// wide is the number of columns from which mul takes four of them at a time,
// about twice as fast. It adds in another order than one at a time does.
const wide = 8

func (m *matrix) mulBlock(block int) {
	lo, hi := par.Bounds(m.d1, m.rowBlocks, block)
	var four [4]float64
	for i := lo; i < hi; i++ {
		row, out := m.row(i), m.dst.RawRowView(i)
		k := 0
		for ; len(out) >= wide && k+4 <= len(out); k += 4 {
			loops.Dot4(&four, m.thin[k*m.d2:], m.d2, row)
			for q, v := range four {
				setScaled(&out[k+q], m.c, v)
			}
		}
		for ; k < len(out); k++ {
			setScaled(&out[k], m.c, loops.Dot(row, m.thin[k*m.d2:(k+1)*m.d2]))
		}
	}
}

// tMulBlock makes some columns' share of mᵀz: Σᵢ z_ik m_i for each k, four rows
// of m at a time.
func (m *matrix) tMulBlock(block int) {
	lo, hi := par.Bounds((m.d2+7)/8, m.colBlocks, block)
	lo, hi = 8*lo, min(8*hi, m.d2)
	_, k := m.x.Dims()
	width := hi - lo
	sums := m.sums[k*lo : k*hi]
	clear(sums)
	i := 0
	for ; i+4 <= m.d1; i += 4 {
		z0, z1, z2, z3 := m.x.RawRowView(i), m.x.RawRowView(i+1), m.x.RawRowView(i+2), m.x.RawRowView(i+3)
		for col := range k {
			c := [4]float64{z0[col], z1[col], z2[col], z3[col]}
			loops.AddScaled4(sums[col*width:(col+1)*width], &c, m.data[i*m.d2+lo:], m.d2)
		}
	}
	for ; i < m.d1; i++ {
		for col, c := range m.x.RawRowView(i) {
			loops.AddScaled(sums[col*width:(col+1)*width], c, m.row(i)[lo:hi])
		}
	}
	for j := lo; j < hi; j++ {
		out := m.dst.RawRowView(j)
		for col := range out {
			setScaled(&out[col], m.c, sums[col*width+j-lo])
		}
	}
}

// load copies a into m.
func (m *matrix) load(a *mat.Dense) {
	checkDense("the matrix", a, m.d1, m.d2)
	for i := range m.d1 {
		copy(m.row(i), a.RawRowView(i))
	}
}

// store copies m into dst.
func (m *matrix) store(dst *mat.Dense) {
	checkDense("dst", dst, m.d1, m.d2)
	for i := range m.d1 {
		copy(dst.RawRowView(i), m.row(i))
	}
}

// combine adds Σ_k c[k]·a_k to y for the rows a_k of a, each as long as y.
func combine(y, c, a []float64) {
	n := len(y)
	k := 0
	for ; k+4 <= len(c); k += 4 {
		loops.AddScaled4(y, (*[4]float64)(c[k:k+4]), a[k*n:], n)
	}
	for ; k < len(c); k++ {
		loops.AddScaled(y, c[k], a[k*n:(k+1)*n])
	}
}

// transposed copies zᵀ, by rows, into buf, which grows as needed.
func transposed(buf []float64, z *mat.Dense) []float64 {
	d, k := z.Dims()
	buf = grown(buf, d*k)
	for i := range d {
		for j, v := range z.RawRowView(i) {
			buf[j*d+i] = v
		}
	}
	return buf
}

// grown returns a slice of length n, with buf's memory where that is enough.
func grown(buf []float64, n int) []float64 {
	if cap(buf) < n {
		return make([]float64, n)
	}
	return buf[:n]
}

// setScaled sets *p = c·*p + v; a c of 0 ignores *p, also when it is NaN.
func setScaled(p *float64, c, v float64) {
	if c != 0 {
		v += float64(c * *p)
	}
	*p = v
}
