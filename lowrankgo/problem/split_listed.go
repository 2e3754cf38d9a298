package problem

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// listed is the divider of listed entries. It keeps the residual on Ω, by rows,
// and leaves products with it to the mask.
type listed struct {
	p       *Split
	lines   *lr.Pattern
	limit   float64
	res     []float64 // M − Data on Ω
	g       []float64 // M + S − Data
	follows []bool    // where S follows M
	row     []tiles.Bar
	col     []tiles.Bar

	here  lr.OperatorEval // holds G
	there lr.OperatorEval // holds K; made when first needed
	dir   []float64       // K on Ω, the same

	blocks int
	buf    [][]float64 // of a block: a line and the workspace of a selection
	sum    []float64
	cut    *par.Loop // bars of columns
	split  *par.Loop // bars of rows, and G
}

func newListed(p *Split) *listed {
	n := p.observed
	l := &listed{
		p: p, lines: p.parts.Pattern, limit: p.limit(),
		res: make([]float64, n), g: make([]float64, n), follows: make([]bool, n),
		row: make([]tiles.Bar, p.d1), col: make([]tiles.Bar, p.d2),
		here:   p.mask.NewEval(),
		blocks: par.Blocks(n, 1<<14, 8),
	}
	longest := int32(0)
	for i := range p.d1 {
		longest = max(longest, l.lines.RowFrom[i+1]-l.lines.RowFrom[i])
	}
	for j := range p.d2 {
		longest = max(longest, l.lines.ColFrom[j+1]-l.lines.ColFrom[j])
	}
	l.buf, l.sum = make([][]float64, l.blocks), make([]float64, l.blocks)
	for b := range l.buf {
		l.buf[b] = make([]float64, 2*longest)
	}
	l.cut, l.split = par.New(l.cutColumns), par.New(l.splitRows)
	return l
}

func (l *listed) divide(du, dv, x, y *mat.Dense) float64 {
	l.here.Apply(l.res, x, y, l.p.parts.Values)
	l.cut.Run(l.blocks)
	l.split.Run(l.blocks)
	var sum float64
	for _, v := range l.sum {
		sum += v
	}
	l.here.Adjoint(l.g)
	if du != nil {
		l.times(du, dv, 0, y, x, false)
	}
	return sum / 2
}

func (l *listed) along(x, y *mat.Dense) {
	if l.there == nil {
		l.there, l.dir = l.p.mask.NewEval(), make([]float64, len(l.g))
	}
	l.there.Apply(l.dir, x, y, nil)
	for e, f := range l.follows {
		if f {
			l.dir[e] = 0
		}
	}
	l.there.Adjoint(l.dir)
}

func (l *listed) times(du, dv *mat.Dense, c float64, z, w *mat.Dense, k bool) {
	of := l.here
	if k {
		of = l.there
	}
	if du != nil {
		of.Mul(du, c, false, z)
	}
	if dv != nil {
		of.Mul(dv, c, true, w)
	}
}

// column returns the residual of column j.
func (l *listed) column(buf []float64, j int) []float64 {
	at := l.lines.At[l.lines.ColFrom[j]:l.lines.ColFrom[j+1]]
	for k, e := range at {
		buf[k] = l.res[e]
	}
	return buf[:len(at)]
}

// cutColumns finds the bars of a block of columns, whose positions are rows.
func (l *listed) cutColumns(b int) {
	lo, hi := par.Bounds(l.p.d2, l.blocks, b)
	half := len(l.buf[b]) / 2
	for j := lo; j < hi; j++ {
		line := l.column(l.buf[b], j)
		bar := barOf(line, l.buf[b][half:][:len(line)], l.p.mostInCol(j), near(l.col[j]))
		if k := int(bar.Last); k >= 0 && k < len(line) {
			bar.Last = l.lines.Row[int(l.lines.ColFrom[j])+k]
		}
		l.col[j] = bar
	}
}

// splitRows finds the bars of a block of rows, whose positions are places within
// the row, and G.
func (l *listed) splitRows(b int) {
	l.sum[b] = 0
	lo, hi := par.Bounds(l.p.d1, l.blocks, b)
	for i := lo; i < hi; i++ {
		from, to := l.lines.RowFrom[i], l.lines.RowFrom[i+1]
		line, g := l.res[from:to], l.g[from:to]
		l.row[i] = barOf(line, l.buf[b][:len(line)], l.p.mostInRow(i), near(l.row[i]))
		copy(g, line)
		for k, v := range line {
			e := int(from) + k
			l.follows[e] = false
			if l.keeps(i, e, k, v) {
				g[k] = v - clip(v, l.limit)
				l.follows[e] = math.Abs(v) < l.limit
			}
		}
		l.sum[b] += loops.Dot(g, g)
	}
}

// keeps reports whether S has entry e, the k-th of row i.
func (l *listed) keeps(i, e, k int, v float64) bool {
	size := math.Abs(v)
	return v != 0 && l.row[i].Passes(size, k) && l.col[l.lines.Col[e]].Passes(size, i)
}

func (l *listed) sparse() *lr.Sparse {
	out := &lr.Sparse{D1: l.p.d1, D2: l.p.d2, RowFrom: make([]int, l.p.d1+1)}
	for i := range l.p.d1 {
		from, to := int(l.lines.RowFrom[i]), int(l.lines.RowFrom[i+1])
		for k, v := range l.res[from:to] {
			if l.keeps(i, from+k, k, v) {
				out.Col = append(out.Col, l.lines.Col[from+k])
				out.Value = append(out.Value, clip(-v, l.limit))
			}
		}
		out.RowFrom[i+1] = len(out.Col)
	}
	return out
}
