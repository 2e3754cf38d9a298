package problem

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// An entry that is left outside is a gross error when it is above stickOut times
// what the largest of as many normal numbers comes to, √(2·ln n) standard
// deviations, as the median of what is left in its line tells them. And when it
// is above gross times the size of M, so that a run that ends early is not taken
// for one.
const (
	stickOut = 1.5
	gross    = 1e-4

	normalMedian = 0.6745 // of |x|, x ~ N(0, 1)
)

// crowded reports whether more than most entries of a residual's line are gross
// errors, none of which is below low. line may be changed; entries that are not
// observed are not in it. work is as long.
func crowded(line, work []float64, most int, low float64) bool {
	left := len(line) - most
	if left < 2 {
		return false
	}
	largest := tiles.Largest(work[:copy(work, line)], most+1)
	median := tiles.Largest(line, most+(left+1)/2)
	noise := median / normalMedian
	return largest > stickOut*math.Sqrt(2*math.Log(float64(left)))*noise && largest > low
}

// Lines of a matrix that are looked at: rows, and columns, some side by side.
const (
	polledRows = 512
	polledCols = 512
	sideBySide = 8
)

func (s *stream) overfull(x, y *mat.Dense, low float64) float64 {
	s.goTo(x, y)
	rows, cols := min(s.p.d1, polledRows), min(s.p.d2, sideBySide, s.width)
	strips := (s.p.d2 + cols - 1) / cols
	polled := min(strips, polledCols/cols)
	inRows, inCols := make([]tally, s.nRows), make([]tally, s.nCols)
	par.New(func(b int) {
		lo, hi := par.Bounds(rows, s.nRows, b)
		for k := lo; k < hi; k++ {
			i, w := k*s.p.d1/rows, &s.blocks[b]
			s.residual(w.tile[:s.p.d2], i)
			inRows[b].count(w.tile[:s.p.d2], w.work, s.p.mostInRow(i), low)
		}
	}).Run(s.nRows)
	par.New(func(b int) {
		lo, hi := par.Bounds(polled, s.nCols, b)
		for k := lo; k < hi; k++ {
			j0, w := k*strips/polled*cols, &s.blocks[b]
			n := min(cols, s.p.d2-j0)
			s.readStrip(w, j0, n)
			for l := range n {
				inCols[b].count(w.line[l*s.p.d1:(l+1)*s.p.d1], w.work, s.p.mostInCol(j0+l), low)
			}
		}
	}).Run(s.nCols)
	return share(append(inRows, inCols...))
}

func (l *listed) overfull(x, y *mat.Dense, low float64) float64 {
	l.here.Apply(l.res, x, y, l.p.parts.Values)
	half := len(l.buf[0]) / 2
	line, work := l.buf[0][:half], l.buf[0][half:]
	all := make([]tally, 1)
	for i := range l.p.d1 {
		n := copy(line, l.res[l.lines.RowFrom[i]:l.lines.RowFrom[i+1]])
		all[0].count(line[:n], work, l.p.mostInRow(i), low)
	}
	for j := range l.p.d2 {
		all[0].count(l.column(line, j), work, l.p.mostInCol(j), low)
	}
	return share(all)
}

// tally counts lines.
type tally struct{ crowded, lines int }

// count looks at one more line, NaN where not observed, and spoils it.
func (t *tally) count(line, work []float64, most int, low float64) {
	t.lines++
	if n := tiles.Observed(line, line); crowded(line[:n], work, most, low) {
		t.crowded++
	}
}

// share is that of the lines which are crowded.
func share(all []tally) float64 {
	var sum tally
	for _, t := range all {
		sum.crowded += t.crowded
		sum.lines += t.lines
	}
	return float64(sum.crowded) / float64(sum.lines)
}
