package solver

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// arm holds the columns that were read, or the rows: a line of each of their
// entries, d lines of n.
type arm struct {
	d, n, r int
	at      []int     // which columns, or rows
	c       []float64 // d×n, line by line
	share   float64   // of a line that may be in S
	read    func(c, buf []float64, lo, hi int)
	raw     []float64 // what read gives, once for all; nil: read each time

	other   []float64 // r×n: rows at of the factor that lines do not meet, transposed
	blocks  int
	tallies []tally
	bufs    [][]float64 // of each block, for read
	lines   [][]float64 // of each block: a line as read, and room for its magnitudes
	sifting *par.Loop
	timing  *par.Loop

	// Of the loop under way:
	x      *mat.Dense // the factor that has a row for each line
	zeta   float64    // how near data are kept; below 0: leave D − UVᵀ
	vector []float64
}

// tally is what a part of the rows and columns shows.
type tally struct {
	sum      float64 // Σ (D − L)² over entries that are kept
	norm     float64 // Σ D² over those observed
	near     int     // entries within the threshold
	observed int
}

func (t *tally) add(o tally) {
	t.sum += o.sum
	t.norm += o.norm
	t.near += o.near
	t.observed += o.observed
}

func (t *tally) residual() float64 {
	return observed{t.observed, t.norm, math.Sqrt(t.norm)}.residual(t.sum)
}

func newArm(d, r int, at []int, c []float64, share float64, read func(c, buf []float64, lo, hi int)) *arm {
	a := &arm{
		d: d, n: len(at), r: r, at: at, c: c, share: share, read: read,
		other: make([]float64, r*len(at)), blocks: par.Blocks(d, 64, 256),
	}
	a.tallies = make([]tally, a.blocks)
	a.bufs, a.lines = make([][]float64, a.blocks), make([][]float64, a.blocks)
	for b := range a.blocks {
		lo, hi := par.Bounds(d, a.blocks, b)
		a.bufs[b], a.lines[b] = make([]float64, hi-lo), make([]float64, 2*a.n)
	}
	a.sifting, a.timing = par.New(a.siftBlock), par.New(a.timesBlock)
	return a
}

// sift reads all lines, keeps what is within zeta of x·yᵀ, and puts that in the
// place of the rest. With zeta below 0 it leaves the difference instead.
func (a *arm) sift(x, y *mat.Dense, zeta float64) (t tally) {
	a.x, a.zeta = x, zeta
	for k, i := range a.at {
		for m, v := range y.RawRowView(i) {
			a.other[m*a.n+k] = v
		}
	}
	a.sifting.Run(a.blocks)
	for _, part := range a.tallies {
		t.add(part)
	}
	return t
}

// keep reads all lines for the last time.
func (a *arm) keep() {
	raw := make([]float64, len(a.c))
	par.New(func(b int) {
		lo, hi := par.Bounds(a.d, a.blocks, b)
		a.read(raw, a.bufs[b], lo, hi)
	}).Run(a.blocks)
	a.raw = raw
}

// siftBlock is the body of the loop in sift.
func (a *arm) siftBlock(b int) {
	lo, hi := par.Bounds(a.d, a.blocks, b)
	if a.raw != nil {
		copy(a.c[lo*a.n:hi*a.n], a.raw[lo*a.n:hi*a.n])
	} else {
		a.read(a.c, a.bufs[b], lo, hi)
	}
	a.tallies[b] = tally{}
	for i := lo; i < hi; i++ {
		line, u := a.c[i*a.n:(i+1)*a.n], a.x.RawRowView(i)
		if a.zeta < 0 {
			tiles.Subtract(line, u, a.other, a.n)
			continue
		}
		a.tallies[b].add(a.siftLine(line, u, a.lines[b]))
	}
}

// siftLine sifts one line. No more of it may be far from the low-rank matrix
// than its share and four standard deviations: where more is, as where the
// matrix is wrong in the whole line, the nearest are kept however far they are,
// so that the line is corrected.
func (a *arm) siftLine(line, u, work []float64) (t tally) {
	d, far := work[:a.n], work[a.n:]
	copy(d, line)
	t.norm, t.observed = sumSquares(d)
	t.sum, t.near = loops.Threshold(line, d, u, a.other, a.n, a.zeta)
	most := allowed(a.share, t.observed, 4)
	if t.observed-t.near <= most {
		return t
	}
	copy(far, d)
	tiles.Subtract(far, u, a.other, a.n)
	zeta := tiles.Largest(far[:tiles.Observed(far, far)], most+1)
	if zeta > a.zeta {
		t.sum, _ = loops.Threshold(line, d, u, a.other, a.n, zeta)
	}
	return t
}

// times sets dst to the product of the lines with r vectors of n numbers, one
// after the other, with rows of 0 up to a multiple of 4.
func (a *arm) times(dst *mat.Dense, vectors []float64) {
	a.x, a.vector = dst, vectors
	a.timing.Run(a.blocks)
}

// timesBlock is the body of the loop in times.
func (a *arm) timesBlock(b int) {
	lo, hi := par.Bounds(a.d, a.blocks, b)
	var four [4]float64
	for i := lo; i < hi; i++ {
		u, line := a.x.RawRowView(i), a.c[i*a.n:(i+1)*a.n]
		for k := 0; k < a.r; k += 4 {
			loops.Dot4(&four, a.vector[k*a.n:], a.n, line)
			copy(u[k:], four[:])
		}
	}
}
