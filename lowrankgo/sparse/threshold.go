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
	gathered = 1 << 16 // entries of columns that are gathered at a time, to fit a cache
	grain    = 1 << 15 // entries that are worth a block
	blocks   = 8       // most blocks
)

// threshold is the rule of that name. The first pass finds how large an entry
// must be for its column; the second finds the same for a row and keeps what
// passes both, while the row is in the cache.
type threshold struct {
	d1, d2 int
	set    lr.SparseSet
	col    []tiles.Bar // of each column
	blocks []thresholdBlock
	cols   *par.Loop
	rows   *par.Loop
	nCols  int // blocks of columns
	nRows  int // blocks of rows
	strip  int // columns that are gathered at a time

	ctx context.Context // of the projection under way
	x   mat.Matrix
	dst *lr.Sparse
}

// thresholdBlock is the workspace of a block, and what it found.
type thresholdBlock struct {
	line, work []float64
	col        []int32
	value      []float64
	err        error
}

func newThreshold(d1, d2 int, set lr.SparseSet) *threshold {
	t := &threshold{d1: d1, d2: d2, set: set, col: make([]tiles.Bar, d2)}
	t.strip = min(d2, max(8, gathered/d1)) // 8 fill a cache line of each row
	t.nCols = par.Blocks(d2, max(t.strip, grain/d1), blocks)
	t.nRows = par.Blocks(d1, grain/d2, blocks)
	t.blocks = make([]thresholdBlock, max(t.nCols, t.nRows))
	for b := range t.blocks {
		t.blocks[b].line = make([]float64, max(d2, t.strip*(d1+8)))
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
	for j0 := lo; j0 < hi && t.ctx.Err() == nil; j0 += t.strip {
		n := min(t.strip, hi-j0)
		lines, buf := w.line[:t.strip*t.d1], w.line[t.strip*t.d1:]
		for i0 := 0; i0 < t.d1; i0 += 8 {
			t.gather(lines, buf, i0, j0, n)
		}
		for k := range n {
			t.col[j0+k] = barOf(lines[k*t.d1:(k+1)*t.d1], w.work, t.set)
		}
	}
}

// gather writes up to 8 rows from i0 of n columns from j0 into lines, which has
// the columns one after another.
func (t *threshold) gather(lines, buf []float64, i0, j0, n int) {
	var rows [8][]float64
	count := min(8, t.d1-i0)
	for k := range count {
		rows[k] = tiles.Row(t.x, buf[k*t.strip:], i0+k, j0, j0+n)
	}
	if count < 8 {
		for k := range n {
			for i := range count {
				lines[k*t.d1+i0+i] = rows[i][k]
			}
		}
		return
	}
	for k := range n {
		to := lines[k*t.d1+i0:][:8]
		to[0], to[1], to[2], to[3] = rows[0][k], rows[1][k], rows[2][k], rows[3][k]
		to[4], to[5], to[6], to[7] = rows[4][k], rows[5][k], rows[6][k], rows[7][k]
	}
}

// barOf finds what an entry of a line must reach; work is as long.
func barOf(line, work []float64, set lr.SparseSet) tiles.Bar {
	n := tiles.Observed(work, line)
	return tiles.BarOf(line, work[:n], set.Most(n))
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
			if size < bar.Size || v == 0 { // not for NaN
				continue
			}
			if size > math.MaxFloat64 {
				w.err = infinite(i, j, v)
				return
			}
			if bar.Passes(size, j) && t.col[j].Passes(size, i) {
				w.col = append(w.col, int32(j))
				w.value = append(w.value, clip(v, t.set.Cap))
			}
		}
		t.dst.RowFrom[i+1] = len(w.col) - before
	}
}
