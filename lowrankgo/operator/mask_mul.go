package operator

import (
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

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
	case e.copies() == 0:
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

// copies is how many partial sums of dst the transposed product has room for, 4
// to 8 with at least 32 entries a column for each, or 0. The walk over columns
// reads w in strides of a row, one page after the other; the walk over rows reads
// it in order and adds to a copy of dst that stays in cache.
func (e *maskEval) copies() int {
	if n := len(e.rows.idx) / (32 * e.op.d2); n >= 4 {
		return min(8, n)
	}
	return 0
}

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
