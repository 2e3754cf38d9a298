package problem

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

// readColumns goes over a block of columns of the residual, a few at a time, and
// calls onLine when w.line has the next one.
func (s *stream) readColumns(b int) {
	w := &s.blocks[b]
	lo, hi := par.Bounds(s.p.d2, s.nCols, b)
	for j0 := lo; j0 < hi; j0 += s.width {
		n := min(s.width, hi-j0)
		for i0 := 0; i0 < s.p.d1; i0 += colChunk {
			s.readChunk(w.line, i0, min(i0+colChunk, s.p.d1), j0, n)
		}
		for k := range n {
			s.onLine(b, j0+k, w.line[k*s.p.d1:(k+1)*s.p.d1])
		}
	}
}

// readChunk makes rows i0 … i1−1 of n columns of Data − M from j0 on; lines has
// the columns one after another.
func (s *stream) readChunk(lines []float64, i0, i1, j0, n int) {
	d1 := s.p.d1
	if m, ok := s.p.parts.Data.(tiles.Rows); ok {
		transpose(lines[i0:], m, i0, i1, j0, n, d1)
	} else {
		for k := range n {
			tiles.Col(s.p.parts.Data, lines[k*d1+i0:k*d1+i1], j0+k, i0)
		}
	}
	for k := range n {
		tiles.Subtract(lines[k*d1+i0:k*d1+i1], s.y.RawRowView(j0+k), s.xt[i0:], d1)
	}
}

// transpose writes rows i0 … i1−1 of n columns of m from j0 on into lines, one
// column every stride, four rows at a time.
func transpose(lines []float64, m tiles.Rows, i0, i1, j0, n, stride int) {
	i := i0
	for ; i+4 <= i1; i += 4 {
		a, b := m.RawRowView(i)[j0:j0+n], m.RawRowView(i + 1)[j0:j0+n]
		c, d := m.RawRowView(i + 2)[j0:j0+n], m.RawRowView(i + 3)[j0:j0+n]
		for k, v := range a {
			to := lines[k*stride+i-i0:][:4]
			to[0], to[1], to[2], to[3] = v, b[k], c[k], d[k]
		}
	}
	for ; i < i1; i++ {
		for k, v := range m.RawRowView(i)[j0 : j0+n] {
			lines[k*stride+i-i0] = v
		}
	}
}

// cutColumn finds the bar of a column.
func (s *stream) cutColumn(b, j int, line []float64) {
	if s.gaps {
		blank(line, nil)
	}
	s.col[j] = barOf(line, s.blocks[b].work[:len(line)], s.p.mostInCol(j), s.col[j].near())
}

// overfull goes over the rows and then over the columns once more.
func (s *stream) overfull(low float64) float64 {
	s.low = low
	for b := range s.blocks {
		s.blocks[b].over = 0
	}
	par.New(s.crowdedRows).Run(s.nRows)
	s.onLine = s.crowdedColumn
	s.byCols.Run(s.nCols)
	over := 0
	for b := range s.blocks {
		over += s.blocks[b].over
	}
	return float64(over) / float64(s.p.d1+s.p.d2)
}

func (s *stream) crowdedRows(b int) {
	w := &s.blocks[b]
	lo, hi := par.Bounds(s.p.d1, s.nRows, b)
	row := w.tile[:s.p.d2]
	for i := lo; i < hi; i++ {
		s.residual(row, i)
		s.count(w, row, s.p.mostInRow(i))
	}
}

func (s *stream) crowdedColumn(b, j int, line []float64) {
	s.count(&s.blocks[b], line, s.p.mostInCol(j))
}

// count adds 1 to w.over for a line that is crowded.
func (s *stream) count(w *streamBlock, line []float64, most int) {
	n := tiles.Observed(line, line)
	if crowded(line[:n], w.work, most, s.low) {
		w.over++
	}
}

// sparse goes over the rows and lists what is kept.
func (s *stream) sparse() *lr.Sparse {
	if s.chosen != nil {
		return copyOf(s.chosen.s)
	}
	out := &lr.Sparse{D1: s.p.d1, D2: s.p.d2, RowFrom: make([]int, s.p.d1+1)}
	parts := make([]lr.Sparse, s.nRows)
	par.New(func(b int) {
		lo, hi := par.Bounds(s.p.d1, s.nRows, b)
		for i := lo; i < hi; i++ {
			row := s.blocks[b].tile[:s.p.d2]
			s.residual(row, i)
			if s.gaps {
				blank(row, nil)
			}
			before := len(parts[b].Col)
			s.list(&parts[b], row, i)
			out.RowFrom[i+1] = len(parts[b].Col) - before
		}
	}).Run(s.nRows)
	for i := range s.p.d1 {
		out.RowFrom[i+1] += out.RowFrom[i]
	}
	for _, part := range parts {
		out.Col, out.Value = append(out.Col, part.Col...), append(out.Value, part.Value...)
	}
	return out
}

// list appends what is kept of row i of the residual.
func (s *stream) list(to *lr.Sparse, row []float64, i int) {
	at := s.row[i]
	for j, v := range row {
		if size := math.Abs(v); v != 0 && at.passes(size, j) && s.col[j].passes(size, i) {
			to.Col = append(to.Col, int32(j))
			to.Value = append(to.Value, clip(v, s.limit))
		}
	}
}
