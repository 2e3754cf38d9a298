package problem

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// stream is the divider of a matrix. It goes over the data a tile of a few rows
// at a time: the residual of a tile is made in the cache, looses S there, and is
// multiplied with thin matrices before the next one. The residual of an entry
// has the same bits by rows and by columns, so that a bar found by columns holds
// by rows.
type stream struct {
	p        *Split
	complete bool // all entries are observed
	limit    float64

	x, y   *mat.Dense  // of the last divide
	xt, yt []float64   // their transposes, row by row
	gaps   bool        // some data are not observed, and M is finite
	row    []tiles.Bar // of the threshold rule
	col    []tiles.Bar
	chosen *choice // of the other rules, else nil

	dx  *mat.Dense // of the last along
	dyt []float64

	blocks []streamBlock
	nRows  int // blocks of rows
	nCols  int // blocks of columns
	width  int // columns that are read at a time: cache lines of each row, of 8
	byRows *par.Loop
	byCols *par.Loop

	sweep sweep     // by rows under way
	zt    []float64 // of the z of times
}

// sweep is what a pass over the rows is to do.
type sweep struct {
	cut  bool       // find the bars of rows
	k    bool       // multiply K, not G
	du   *mat.Dense // c·du + G·z, nil to leave out
	c    float64
	zt   []float64 // zᵀ, row by row
	w    *mat.Dense
	cols int // of w, 0 to leave Gᵀ·w out
}

// streamBlock is the workspace of a block of rows or columns.
type streamBlock struct {
	tile []float64 // rows of Data − M, then of −G
	dirs []float64 // rows of −K, when asked for
	line []float64 // columns of the residual
	work []float64 // of a selection
	from []int32   // places in a row
	part []float64 // the block's share of Gᵀ·w, transposed
	sum  float64   // of the squares of G
}

const (
	tileRows = 4    // rows of a tile: what loops.Dot4 and AddScaled4 take
	strip    = 1024 // columns that are multiplied at a time
	colChunk = 256  // entries of a column that are read at a time
)

func newStream(p *Split) *stream {
	s := &stream{
		p: p, complete: p.observed == p.d1*p.d2, limit: p.limit(),
		xt: make([]float64, p.d1*p.rank), yt: make([]float64, p.d2*p.rank),
		nRows: par.Blocks(p.d1, max(tileRows, 1<<14/p.d2), 8),
		nCols: par.Blocks(p.d2, max(32, 1<<14/p.d1), 8),
		width: min(p.d2, 8*min(4, 1+p.d2/700)),
	}
	if p.rule == sparse.Threshold {
		s.row, s.col = make([]tiles.Bar, p.d1), make([]tiles.Bar, p.d2)
	} else {
		s.chosen = newChoice(p)
	}
	s.blocks = make([]streamBlock, max(s.nRows, s.nCols))
	for b := range s.blocks {
		w := &s.blocks[b]
		w.work = make([]float64, max(p.d1, p.d2))
		if b < s.nRows {
			w.tile, w.from = make([]float64, tileRows*p.d2), make([]int32, p.d2)
		}
		if b < s.nCols {
			w.line = make([]float64, s.width*p.d1)
		}
	}
	s.byRows, s.byCols = par.New(s.sweepRows), par.New(s.readColumns)
	return s
}

func (s *stream) divide(du, dv, x, y *mat.Dense) float64 {
	s.goTo(x, y)
	if s.chosen != nil {
		s.chosen.choose(s)
	} else {
		s.byCols.Run(s.nCols)
	}
	job := sweep{cut: s.chosen == nil}
	if du != nil {
		job.du, job.zt, job.w, job.cols = du, s.yt, x, s.p.rank
	}
	s.run(job, dv)
	var sum float64
	for b := range s.nRows {
		sum += s.blocks[b].sum
	}
	return sum / 2
}

// goTo is what a look at the residual of XYᵀ needs.
func (s *stream) goTo(x, y *mat.Dense) {
	s.x, s.y = x, y
	tiles.Transposed(s.xt, x)
	tiles.Transposed(s.yt, y)
	s.gaps = !s.complete && bounded(s.xt, s.yt)
}

func (s *stream) along(x, y *mat.Dense) {
	s.dx = x
	s.dyt = grown(s.dyt, s.p.d2*x.RawMatrix().Cols)
	tiles.Transposed(s.dyt, y)
	for b := range s.nRows {
		s.blocks[b].dirs = grown(s.blocks[b].dirs, tileRows*s.p.d2)
	}
}

// times goes over the rows once.
func (s *stream) times(du, dv *mat.Dense, c float64, z, w *mat.Dense, k bool) {
	job := sweep{du: du, c: c, k: k}
	if du != nil {
		s.zt = grown(s.zt, s.p.d2*z.RawMatrix().Cols)
		tiles.Transposed(s.zt, z)
		job.zt = s.zt
	}
	if dv != nil {
		job.w, job.cols = w, w.RawMatrix().Cols
	}
	s.run(job, dv)
}

// bounded reports whether no sum of products of x and y overflows, so that a
// NaN in Data − M is one of Data. Otherwise NaN is the value.
func bounded(x, y []float64) bool {
	return finite(largest(x) * largest(y) * float64(len(x)))
}

func largest(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// run goes over the rows and adds up the shares of dv.
func (s *stream) run(job sweep, dv *mat.Dense) {
	s.sweep = job
	for b := range s.nRows {
		s.blocks[b].part = grown(s.blocks[b].part, job.cols*s.p.d2)
	}
	s.byRows.Run(s.nRows)
	if job.cols == 0 {
		return
	}
	for k := range job.cols {
		sum := s.blocks[0].part[k*s.p.d2 : (k+1)*s.p.d2]
		for b := 1; b < s.nRows; b++ {
			loops.AddScaled(sum, 1, s.blocks[b].part[k*s.p.d2:(k+1)*s.p.d2])
		}
		for j, v := range sum {
			put(dv.RawRowView(j), k, job.c, v)
		}
	}
}

// put sets out[k] = c·out[k] − v, whatever out[k] was when c is 0.
func put(out []float64, k int, c, v float64) {
	if c == 0 {
		out[k] = -v
		return
	}
	out[k] = float64(c*out[k]) - v
}

// sweepRows does a block of rows.
func (s *stream) sweepRows(b int) {
	w := &s.blocks[b]
	w.sum = 0
	clear(w.part)
	lo, hi := par.Bounds(s.p.d1, s.nRows, b)
	for i0 := lo; i0 < hi; i0 += tileRows {
		n := min(tileRows, hi-i0)
		if n < tileRows { // rows of zeros
			clear(w.tile[n*s.p.d2:])
			if s.sweep.k {
				clear(w.dirs[n*s.p.d2:])
			}
		}
		for k := range n {
			s.divideRow(w, i0+k, k)
		}
		tile := w.tile
		if s.sweep.k {
			tile = w.dirs
		}
		if s.sweep.du != nil {
			s.timesThin(tile, i0, n)
		}
		if s.sweep.cols > 0 {
			s.addTransposed(w.part, tile, i0, n)
		}
	}
}

// subtract takes Σ_k u[k]·(row k of vt) from row, strip by strip.
func (s *stream) subtract(row, u, vt []float64) {
	for j := 0; j < len(row); j += strip {
		part := row[j:min(j+strip, len(row))]
		tiles.Subtract(part, u, vt[j:], s.p.d2)
	}
}

// residual makes row i of Data − M, NaN where it is not observed.
func (s *stream) residual(row []float64, i int) {
	copy(row, tiles.Row(s.p.parts.Data, row, i, 0, s.p.d2))
	s.subtract(row, s.x.RawRowView(i), s.yt)
}

// divideRow makes row k of the tile that of −G = Data − M − S for row i, adds
// its squares, and makes that of −K.
func (s *stream) divideRow(w *streamBlock, i, k int) {
	d2 := s.p.d2
	row := w.tile[k*d2 : (k+1)*d2]
	s.residual(row, i)
	var dirs []float64
	if s.sweep.k {
		dirs = w.dirs[k*d2 : (k+1)*d2]
		clear(dirs)
		s.subtract(dirs, s.dx.RawRowView(i), s.dyt)
	}
	if s.gaps {
		blank(row, dirs)
	}
	if s.sweep.cut {
		s.row[i] = barOf(row, w.work[:d2], s.p.mostInRow(i), near(s.row[i]))
	}
	if s.chosen != nil {
		s.chosen.remove(row, dirs, i, s.limit)
	} else {
		s.remove(w, row, dirs, i)
	}
	w.sum += loops.Dot(row, row)
}

// blank sets what is not observed to 0.
func blank(row, dirs []float64) {
	for j, v := range row {
		if v == v {
			continue
		}
		row[j] = 0
		if dirs != nil {
			dirs[j] = 0
		}
	}
}

// remove takes S from row i of the residual, and what follows M from dirs.
func (s *stream) remove(w *streamBlock, row, dirs []float64, i int) {
	at := s.row[i]
	for _, j := range w.from[:placesFrom(w.from, row, at.Size)] {
		v := row[j]
		size := math.Abs(v)
		if size == 0 || !(at.Passes(size, int(j)) && s.col[j].Passes(size, i)) {
			continue
		}
		row[j] = v - clip(v, s.limit)
		if dirs != nil && size < s.limit {
			dirs[j] = 0
		}
	}
}

// timesThin sets n rows of du from i0 on, for their tile of −G or −K.
func (s *stream) timesThin(tile []float64, i0, n int) {
	d2 := s.p.d2
	for k := range s.sweep.du.RawMatrix().Cols {
		zk := s.sweep.zt[k*d2 : (k+1)*d2]
		var sum, part [tileRows]float64
		for j := 0; j < d2; j += strip {
			loops.Dot4(&part, tile[j:], d2, zk[j:min(j+strip, d2)])
			for l, v := range part {
				sum[l] += v
			}
		}
		for l := range n {
			put(s.sweep.du.RawRowView(i0+l), k, s.sweep.c, sum[l])
		}
	}
}

// addTransposed adds the tile's share of −Gᵀ·w, or −Kᵀ·w, to part.
func (s *stream) addTransposed(part, tile []float64, i0, n int) {
	d2 := s.p.d2
	for j := 0; j < d2; j += strip {
		end := min(j+strip, d2)
		for k := range s.sweep.cols {
			var c [tileRows]float64
			for l := range n {
				c[l] = s.sweep.w.RawRowView(i0 + l)[k]
			}
			loops.AddScaled4(part[k*d2+j:k*d2+end], &c, tile[j:], d2)
		}
	}
}

// grown returns n numbers, in buf's memory if that is enough.
func grown(buf []float64, n int) []float64 {
	if cap(buf) < n {
		return make([]float64, n)
	}
	return buf[:n]
}
