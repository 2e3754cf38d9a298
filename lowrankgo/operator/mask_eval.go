package operator

import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// lines are the entries by rows, or by columns: those of line i are at
// from[i] … from[i+1]−1.
type lines struct {
	from []int32
	idx  []int32 // the other index of each entry
	at   []int32 // where its number stands; nil when in this very order
}

// cut is a position between two steps of the walk over all lines, which takes a
// step for each entry of a line and one for the line's end. Blocks of equally
// many steps have equally much to do, however long lines are.
type cut struct{ line, entry int }

func (l *lines) steps() int { return len(l.idx) + len(l.from) - 1 }

func (l *lines) blocks() int { return par.Blocks(l.steps(), 8192, 128) }

// cutAt is the position before step t: line i ends with step from[i+1] + i.
func (l *lines) cutAt(t int) cut {
	lo, hi := 0, len(l.from)-1
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); int(l.from[mid+1])+mid >= t {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return cut{lo, t - lo}
}

// bounds are the ends of a block.
func (l *lines) bounds(blocks, block int) (from, to cut) {
	lo, hi := par.Bounds(l.steps(), blocks, block)
	return l.cutAt(lo), l.cutAt(hi)
}

// NewEval returns a workspace. It stores nothing an entry: Adjoint keeps w
// itself, not a copy. It is a [lr.DenseEval] and a [lr.TermsEval]; a term costs
// 6k flops.
func (m *Mask) NewEval() lr.OperatorEval {
	p := &m.p
	e := &maskEval{
		op:   m,
		rows: lines{from: p.RowFrom, idx: p.Col},
		cols: lines{from: p.ColFrom, idx: p.Row, at: p.At},
	}
	e.loop = par.New(func(block int) { e.body(e, block) })
	return e
}

type maskEval struct {
	op         *Mask
	rows, cols lines
	w          []float64 // 𝒜*(w) at the entries, the caller's; nil before the first
	part       []float64 // partial sums of Mul: thin matrices, not one an entry
	scale      []float64 // of AddTerms
	loop       *par.Loop

	body   func(e *maskEval, block int) // of the call under way
	dst, b []float64
	x, y   *mat.Dense
	c      float64
	by     *lines
	blocks int
	copied int // partial sums of scatter
}

// run does body over blocks of lines.
func (e *maskEval) run(by *lines, blocks int, body func(e *maskEval, block int)) {
	e.by, e.blocks, e.body = by, blocks, body
	e.loop.Run(e.blocks)
}

func (e *maskEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, len(e.rows.idx))
	checkThin(x, y, e.op.d1, e.op.d2)
	e.dst, e.b, e.x, e.y = dst, b, x, y
	e.run(&e.rows, e.rows.blocks(), (*maskEval).applyBlock)
}

func (e *maskEval) applyBlock(block int) {
	from, to := e.rows.bounds(e.blocks, block)
	y := e.y.RawMatrix()
	for i, k := from.line, from.entry; k < to.entry; i++ {
		end := min(int(e.rows.from[i+1]), to.entry)
		loops.GatherDot(e.dst[k:end], part(e.b, k, end), e.x.RawRowView(i), y.Data, y.Stride, e.rows.idx[k:end])
		k = end
	}
}

// part is s[lo:hi], or nil of nil.
func part(s []float64, lo, hi int) []float64 {
	if s == nil {
		return nil
	}
	return s[lo:hi]
}

func (e *maskEval) Adjoint(w []float64) {
	checkLen("w", len(w), len(e.rows.idx))
	e.w = w
}

func (e *maskEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.w = dst
}

// Mul sums over the entries of each row; over those of each column when trans,
// where long columns are better served by [maskEval.scatter].
func (e *maskEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, e.op.d1, e.op.d2)
	e.x, e.y, e.c = dst, z, c
	switch {
	case e.w == nil: // G is 0
		for i := range dst.RawMatrix().Rows {
			scaleRow(dst.RawRowView(i), c)
		}
	case !trans:
		e.sumLines(&e.rows)
	case e.copies() < 4:
		e.sumLines(&e.cols)
	default:
		e.scatter(e.copies())
	}
}

// sumLines sets each line's row of dst. A line that a block does not finish is
// finished by a later one; the block's share is carried over.
func (e *maskEval) sumLines(by *lines) {
	k := e.x.RawMatrix().Cols
	e.part = grown(e.part, by.blocks()*k)
	e.run(by, by.blocks(), (*maskEval).sumBlock)
	for block := range e.blocks {
		if _, to := by.bounds(e.blocks, block); to.line < len(by.from)-1 {
			loops.AddScaled(e.x.RawRowView(to.line), 1, e.part[block*k:(block+1)*k])
		}
	}
}

// sumBlock sets the lines that end in the block.
func (e *maskEval) sumBlock(block int) {
	from, to := e.by.bounds(e.blocks, block)
	k := from.entry
	for i := from.line; i < to.line; i++ {
		out := e.x.RawRowView(i)
		scaleRow(out, e.c)
		e.sum(out, k, int(e.by.from[i+1]))
		k = int(e.by.from[i+1])
	}
	n := e.x.RawMatrix().Cols
	carry := e.part[block*n : (block+1)*n]
	clear(carry)
	e.sum(carry, k, to.entry)
}

// gathered is how many numbers of w are brought together at a time.
const gathered = 256

// sum adds Σ w·z over the entries [lo, hi) of one line to out.
func (e *maskEval) sum(out []float64, lo, hi int) {
	z := e.y.RawMatrix()
	if e.by.at == nil {
		loops.GatherAddScaled(out, e.w[lo:hi], z.Data, z.Stride, e.by.idx[lo:hi])
		return
	}
	var buf [gathered]float64
	for ; lo < hi; lo += gathered {
		at := e.by.at[lo:min(lo+gathered, hi)]
		for k, a := range at {
			buf[k] = e.w[a]
		}
		loops.GatherAddScaled(out, buf[:len(at)], z.Data, z.Stride, e.by.idx[lo:lo+len(at)])
	}
}

// copies is how many partial sums of dst the transposed product has room for:
// at least 32 entries a column for each. The walk over columns reads w in
// strides of a row, one page after the other; the walk over rows reads it in
// order and adds to a copy of dst that stays in cache.
func (e *maskEval) copies() int { return min(8, len(e.rows.idx)/(32*e.op.d2)) }

// scatter does the transposed product by rows: each block of entries has its
// own partial sum, and these are added in block order.
func (e *maskEval) scatter(copies int) {
	k := e.x.RawMatrix().Cols
	e.part = grown(e.part, copies*e.op.d2*k)
	e.run(&e.rows, copies, (*maskEval).scatterBlock)
	e.copied = copies
	e.run(&e.rows, par.Blocks(e.op.d2, 512, 64), (*maskEval).reduceBlock)
}

func (e *maskEval) scatterBlock(block int) {
	n := e.op.d2 * e.x.RawMatrix().Cols
	part := e.part[block*n : (block+1)*n]
	clear(part)
	from, to := e.rows.bounds(e.blocks, block)
	for i, k := from.line, from.entry; k < to.entry; i++ {
		end := min(int(e.rows.from[i+1]), to.entry)
		loops.ScatterAddScaled(part, n/e.op.d2, e.rows.idx[k:end], e.w[k:end], e.y.RawRowView(i))
		k = end
	}
}

// reduceBlock sets some rows of dst from all partial sums.
func (e *maskEval) reduceBlock(block int) {
	k := e.x.RawMatrix().Cols
	lo, hi := par.Bounds(e.op.d2, e.blocks, block)
	for j := lo; j < hi; j++ {
		out := e.x.RawRowView(j)
		scaleRow(out, e.c)
		for c := range e.copied {
			at := (c*e.op.d2 + j) * k
			loops.AddScaled(out, 1, e.part[at:at+k])
		}
	}
}

// scaleRow multiplies by c; a c of 0 also clears NaN.
func scaleRow(y []float64, c float64) {
	if c == 0 {
		clear(y)
		return
	}
	for k := range y {
		y[k] *= c
	}
}

func (e *maskEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	checkTerms(du, dv, x, y, b, terms, e.op.d1, e.op.d2, len(e.rows.idx))
	e.scale = grown(e.scale, len(terms))
	for t, n := range terms {
		i, j := e.op.Entry(n)
		s := loops.Dot(x.RawRowView(i), y.RawRowView(j))
		if b != nil {
			s -= b[n]
		}
		e.scale[t] = float64(c * s)
	}
	for t, n := range terms {
		i, j := e.op.Entry(n)
		loops.AddScaled(du.RawRowView(i), e.scale[t], y.RawRowView(j))
		loops.AddScaled(dv.RawRowView(j), e.scale[t], x.RawRowView(i))
	}
}

func (e *maskEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, len(e.rows.idx))
	checkDense("m", m, e.op.d1, e.op.d2)
	e.dst, e.b, e.x = dst, b, m
	e.run(&e.rows, e.rows.blocks(), (*maskEval).applyDenseBlock)
}

func (e *maskEval) applyDenseBlock(block int) {
	from, to := e.rows.bounds(e.blocks, block)
	for i, k := from.line, from.entry; k < to.entry; i++ {
		row := e.x.RawRowView(i)
		for end := min(int(e.rows.from[i+1]), to.entry); k < end; k++ {
			v := row[e.rows.idx[k]]
			if e.b != nil {
				v -= e.b[k]
			}
			e.dst[k] = v
		}
	}
}

func (e *maskEval) AdjointDense(dst *mat.Dense) {
	checkDense("dst", dst, e.op.d1, e.op.d2)
	for i := range e.op.d1 {
		row := dst.RawRowView(i)
		clear(row)
		if e.w == nil {
			continue
		}
		for k := e.rows.from[i]; k < e.rows.from[i+1]; k++ {
			row[e.rows.idx[k]] = e.w[k]
		}
	}
}
