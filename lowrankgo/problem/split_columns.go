package problem

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

// readColumns finds the bars of a block of columns, a few at a time.
func (s *stream) readColumns(b int) {
	lo, hi := par.Bounds(s.p.d2, s.nCols, b)
	for j0 := lo; j0 < hi; j0 += s.width {
		n := min(s.width, hi-j0)
		s.readStrip(&s.blocks[b], j0, n)
		for k := range n {
			s.cutColumn(&s.blocks[b], j0+k, s.blocks[b].line[k*s.p.d1:(k+1)*s.p.d1])
		}
	}
}

// readStrip makes n columns of Data − M from j0 on in w.line.
func (s *stream) readStrip(w *streamBlock, j0, n int) {
	for i0 := 0; i0 < s.p.d1; i0 += colChunk {
		s.readChunk(w.line, i0, min(i0+colChunk, s.p.d1), j0, n)
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
func (s *stream) cutColumn(w *streamBlock, j int, line []float64) {
	if s.gaps {
		blank(line, nil)
	}
	s.col[j] = barOf(line, w.work[:len(line)], s.p.mostInCol(j), near(s.col[j]))
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
		if size := math.Abs(v); v != 0 && at.Passes(size, j) && s.col[j].Passes(size, i) {
			to.Col = append(to.Col, int32(j))
			to.Value = append(to.Value, clip(v, s.limit))
		}
	}
}
