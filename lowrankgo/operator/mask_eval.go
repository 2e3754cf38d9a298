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
// itself, not a copy. A transposed Mul into a d2×k matrix stores up to eight
// partial sums of that shape, at most k/4 bytes an entry. It is a [lr.DenseEval]
// and a [lr.TermsEval]; a term costs 6k flops.
func (m *Mask) NewEval() lr.OperatorEval {
	e := &maskEval{op: m, rows: lines{from: m.p.RowFrom, idx: m.p.Col}}
	if e.copies() == 0 {
		p := m.Pattern()
		e.cols = lines{from: p.ColFrom, idx: p.Row, at: p.At}
	}
	e.loop = par.New(func(block int) { e.body(e, block) })
	return e
}

type maskEval struct {
	op         *Mask
	rows, cols lines     // cols is not there when products are scattered
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
