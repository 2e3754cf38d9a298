package sparse

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

const (
	strip  = 8       // columns that are gathered together: a cache line of each row
	grain  = 1 << 15 // entries that are worth a block
	blocks = 8       // most blocks
)

// threshold is the rule of that name. The first pass finds how large an entry
// must be for its column; the second finds the same for a row and keeps what
// passes both, while the row is in the cache.
type threshold struct {
	d1, d2 int
	set    lr.SparseSet
	col    []bar // of each column
	blocks []thresholdBlock
	cols   *par.Loop
	rows   *par.Loop
	nCols  int // blocks of columns
	nRows  int // blocks of rows

	ctx context.Context // of the projection under way
	x   mat.Matrix
	dst *lr.Sparse
}

// bar is what an entry must reach to be among the largest of its line: more
// than size, or size at a position up to last.
type bar struct {
	size float64
	last int32
}

func (b bar) passes(size float64, at int) bool {
	return size > b.size || (size == b.size && at <= int(b.last))
}

// thresholdBlock is the workspace of a block, and what it found.
type thresholdBlock struct {
	line, work []float64
	col        []int32
	value      []float64
	err        error
}

func newThreshold(d1, d2 int, set lr.SparseSet) *threshold {
	t := &threshold{d1: d1, d2: d2, set: set, col: make([]bar, d2)}
	t.nCols = par.Blocks(d2, max(strip, grain/d1), blocks)
	t.nRows = par.Blocks(d1, grain/d2, blocks)
	t.blocks = make([]thresholdBlock, max(t.nCols, t.nRows))
	for b := range t.blocks {
		t.blocks[b].line = make([]float64, max(d2, strip*d1+strip))
		t.blocks[b].work = make([]float64, max(d1, d2))
	}
	t.cols, t.rows = par.New(t.cutColumns), par.New(t.keepRows)
	return t
}

func (t *threshold) choose(ctx context.Context, dst *lr.Sparse, x mat.Matrix) error {
	t.ctx, t.x, t.dst = ctx, x, dst
	defer func() { t.ctx, t.x, t.dst = nil, nil, nil }()
	t.cols.Run(t.nCols)
	t.rows.Run(t.nRows)
	for b := range t.nRows {
		if err := t.blocks[b].err; err != nil {
			return err
		}
	}
	if err := stopped(ctx); err != nil {
		return err
	}
	for i := range t.d1 {
		dst.RowFrom[i+1] += dst.RowFrom[i]
	}
	for b := range t.nRows {
		dst.Col = append(dst.Col, t.blocks[b].col...)
		dst.Value = append(dst.Value, t.blocks[b].value...)
	}
	return nil
}

// cutColumns finds the bars of a block of columns, a strip of them at a time.
func (t *threshold) cutColumns(b int) {
	w := &t.blocks[b]
	lo, hi := par.Bounds(t.d2, t.nCols, b)
	for j0 := lo; j0 < hi && t.ctx.Err() == nil; j0 += strip {
		n := min(strip, hi-j0)
		lines, buf := w.line[:strip*t.d1], w.line[strip*t.d1:]
		for i := range t.d1 {
			for k, v := range tiles.Row(t.x, buf, i, j0, j0+n) {
				lines[k*t.d1+i] = v
			}
		}
		for k := range n {
			t.col[j0+k] = barOf(lines[k*t.d1:(k+1)*t.d1], w.work, t.set)
		}
	}
}

// barOf finds what an entry of a line must reach; work is as long.
func barOf(line, work []float64, set lr.SparseSet) bar {
	n := tiles.Observed(work, line)
	most := set.Most(n)
	if most == 0 {
		return bar{size: math.Inf(1), last: -1}
	}
	size, ties := tiles.Cut(work[:n], most)
	at := -1
	for ; ties > 0; ties-- {
		for at++; math.Abs(line[at]) != size; at++ {
		}
	}
	return bar{size: size, last: int32(at)}
}

// keepRows chooses the entries of a block of rows.
func (t *threshold) keepRows(b int) {
	w := &t.blocks[b]
	w.col, w.value, w.err = w.col[:0], w.value[:0], nil
	lo, hi := par.Bounds(t.d1, t.nRows, b)
	for i := lo; i < hi && t.ctx.Err() == nil; i++ {
		row := tiles.Row(t.x, w.line, i, 0, t.d2)
		bar, before := barOf(row, w.work, t.set), len(w.col)
		for j, v := range row {
			size := math.Abs(v)
			if size < bar.size || v == 0 { // not for NaN
				continue
			}
			if size > math.MaxFloat64 {
				w.err = infinite(i, j, v)
				return
			}
			if bar.passes(size, j) && t.col[j].passes(size, i) {
				w.col = append(w.col, int32(j))
				w.value = append(w.value, clip(v, t.set.Cap))
			}
		}
		t.dst.RowFrom[i+1] = len(w.col) - before
	}
}
