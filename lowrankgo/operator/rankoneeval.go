package operator

import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// NewEval returns a workspace. It grows with the number k of columns it is
// given: to (d1+d2)·k numbers, and max(d1, d2)·k for each of at most 32 partial
// sums.
func (r *RankOne) NewEval() lr.OperatorEval {
	e := &rankOneEval{
		op:        r,
		blocks:    par.Blocks(r.m, 1+1<<14/(r.d1+r.d2), 32),
		rowBlocks: par.Blocks(r.d1, 1+1<<15/(r.m+r.d2), 64),
	}
	e.apply, e.mul = par.New(e.applyBlock), par.New(e.mulBlock)
	e.applyDense, e.adjointDense = par.New(e.applyDenseBlock), par.New(e.adjointDenseBlock)
	return e
}

// rankOneEval cuts the measurements into fixed blocks. Where they are summed,
// each block has a partial sum; they are added in block order.
type rankOneEval struct {
	op                *RankOne
	w                 []float64 // of the last Adjoint; the caller's
	blocks, rowBlocks int
	xt, yt            []float64 // transposed thin matrices
	scratch           []float64 // aᵢᵀX and bᵢᵀY of the measurements under way, for each block
	sums              []float64 // partial sums

	dst, b                               []float64 // of the call under way
	dense                                *mat.Dense
	k                                    int
	same, trans                          bool
	apply, mul, applyDense, adjointDense *par.Loop
}

func (e *rankOneEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.m)
	checkThin(x, y, e.op.d1, e.op.d2)
	e.dst, e.b = dst, b
	e.begin(x, y)
	e.apply.Run(e.blocks)
}

// begin transposes x and y; of a symmetric map at x = y one of them is enough.
func (e *rankOneEval) begin(x, y *mat.Dense) {
	_, e.k = x.Dims()
	e.same = e.op.symmetric && x == y
	e.xt = transposed(e.xt, x)
	if !e.same {
		e.yt = transposed(e.yt, y)
	}
	e.scratch = grown(e.scratch, e.blocks*4*e.k)
}

// measure sets p = aᵢᵀX and q = bᵢᵀY and returns their inner product less bᵢ.
// The result is in p and q, which may be one slice.
func (e *rankOneEval) measure(i int, pq []float64) (s float64, p, q []float64) {
	p = pq[:e.k]
	q = p
	dots(p, e.op.left(i), e.xt)
	if !e.same {
		q = pq[e.k : 2*e.k]
		dots(q, e.op.right(i), e.yt)
	}
	for l, v := range p {
		s += float64(v * q[l])
	}
	if e.b != nil {
		s -= e.b[i]
	}
	return s, p, q
}

func (e *rankOneEval) applyBlock(block int) {
	lo, hi := par.Bounds(e.op.m, e.blocks, block)
	pq := e.scratch[block*4*e.k : (block+1)*4*e.k]
	for i := lo; i < hi; i++ {
		e.dst[i], _, _ = e.measure(i, pq)
	}
}

func (e *rankOneEval) Adjoint(w []float64) {
	checkLen("w", len(w), e.op.m)
	e.w = w
}

func (e *rankOneEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

// Mul is Σ aᵢ wᵢ (bᵢᵀz), or Σ bᵢ wᵢ (aᵢᵀz) when trans.
func (e *rankOneEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, e.op.d1, e.op.d2)
	checkAdjoint(e.w)
	d, k := dst.Dims()
	e.k, e.trans = k, trans
	e.xt = transposed(e.xt, z)
	e.scratch = grown(e.scratch, e.blocks*4*k)
	e.sums = grown(e.sums, e.blocks*k*d)
	e.mul.Run(e.blocks)
	n := k * d
	sum := e.sums[:n]
	for block := 1; block < e.blocks; block++ {
		loops.AddScaled(sum, 1, e.sums[block*n:(block+1)*n])
	}
	for i := range d {
		out := dst.RawRowView(i)
		for l := range out {
			setScaled(&out[l], c, sum[l*d+i])
		}
	}
}

// mulBlock takes four measurements at a time.
func (e *rankOneEval) mulBlock(block int) {
	in, out, d := e.op.right, e.op.a, e.op.d1
	if e.trans {
		in, out, d = e.op.left, e.op.b, e.op.d2
	}
	k := e.k
	sum := e.sums[block*k*d : (block+1)*k*d]
	clear(sum)
	p := e.scratch[block*4*k : (block+1)*4*k]
	lo, hi := par.Bounds(e.op.m, e.blocks, block)
	for i := lo; i < hi; i += 4 {
		count := min(4, hi-i)
		for q := range count {
			dots(p[q*k:(q+1)*k], in(i+q), e.xt)
		}
		for l := range k {
			var c [4]float64
			for q := range count {
				c[q] = e.w[i+q] * p[q*k+l]
			}
			combine(sum[l*d:(l+1)*d], c[:count], out[i*d:])
		}
	}
}

// dots sets out[l] = ⟨row, t_l⟩ for the rows t_l of t, each as long as row.
func dots(out, row, t []float64) {
	n := len(row)
	l := 0
	for ; l+4 <= len(out); l += 4 {
		loops.Dot4((*[4]float64)(out[l:l+4]), t[l*n:], n, row)
	}
	for ; l < len(out); l++ {
		out[l] = loops.Dot(row, t[l*n:(l+1)*n])
	}
}

func (e *rankOneEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.m)
	checkDense("the matrix", m, e.op.d1, e.op.d2)
	e.dst, e.b, e.dense = dst, b, m
	e.applyDense.Run(e.blocks)
}

// applyDenseBlock sums aᵢ[j]·⟨M_j, bᵢ⟩ over the rows M_j.
func (e *rankOneEval) applyDenseBlock(block int) {
	lo, hi := par.Bounds(e.op.m, e.blocks, block)
	raw := e.dense.RawMatrix()
	var four [4]float64
	for i := lo; i < hi; i++ {
		a, b := e.op.left(i), e.op.right(i)
		var s float64
		j := 0
		for ; j+4 <= len(a); j += 4 {
			loops.Dot4(&four, raw.Data[j*raw.Stride:], raw.Stride, b)
			for q, v := range four {
				s += float64(a[j+q] * v)
			}
		}
		for ; j < len(a); j++ {
			s += float64(a[j] * loops.Dot(b, e.dense.RawRowView(j)))
		}
		if e.b != nil {
			s -= e.b[i]
		}
		e.dst[i] = s
	}
}

func (e *rankOneEval) AdjointDense(dst *mat.Dense) {
	checkDense("dst", dst, e.op.d1, e.op.d2)
	checkAdjoint(e.w)
	e.dense = dst
	e.adjointDense.Run(e.rowBlocks)
}

// adjointDenseBlock makes rows j of G: Σ wᵢ aᵢ[j] bᵢᵀ, four measurements at a
// time while the rows are in cache.
func (e *rankOneEval) adjointDenseBlock(block int) {
	lo, hi := par.Bounds(e.op.d1, e.rowBlocks, block)
	for j := lo; j < hi; j++ {
		clear(e.dense.RawRowView(j))
	}
	var c [4]float64
	for i := 0; i < e.op.m; i += 4 {
		count := min(4, e.op.m-i)
		for j := lo; j < hi; j++ {
			for q := range count {
				c[q] = e.w[i+q] * e.op.left(i + q)[j]
			}
			combine(e.dense.RawRowView(j), c[:count], e.op.b[i*e.op.d2:])
		}
	}
}

// AddTerms costs 4(d1+d2)k flops a term, in one goroutine.
func (e *rankOneEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	checkTerms(du, dv, x, y, b, terms, e.op.d1, e.op.d2, e.op.m)
	e.b = b
	e.begin(x, y)
	for _, i := range terms {
		s, p, q := e.measure(i, e.scratch)
		s *= c
		addOuter(du, s, e.op.left(i), q)
		addOuter(dv, s, e.op.right(i), p)
	}
}

// addOuter adds s·a·pᵀ to dst.
func addOuter(dst *mat.Dense, s float64, a, p []float64) {
	for j, v := range a {
		loops.AddScaled(dst.RawRowView(j), s*v, p)
	}
}
