package operator

import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// NewEval returns a workspace: d1·d2 numbers for M, for 𝒜*(w), and for each of
// at most 32 partial sums of it (fewer when d1·d2 is above 131,072); when
// matrix-free, four more for each of at most 8 goroutines.
func (g *Gaussian) NewEval() lr.OperatorEval {
	n := g.d1 * g.d2
	e := &gaussianEval{
		op: g, m: newMatrix(g.d1, g.d2, make([]float64, n)), adj: newMatrix(g.d1, g.d2, make([]float64, n)),
		rowBlocks: par.Blocks(g.m, max(8, 1<<17/n), max(2, min(32, 1<<22/n))),
	}
	e.lanes = e.rowBlocks
	if g.a == nil {
		e.lanes = min(e.rowBlocks, 8)
		for range e.lanes {
			e.drawn = append(e.drawn, drawn{newSeries(g.seed, gaussianStream), make([]float64, 4*n)})
		}
	}
	e.part = make([]float64, e.rowBlocks*n)
	e.apply, e.both, e.adjoint, e.terms = e.applyBlock, e.bothBlock, e.adjointBlock, e.termsBlock
	e.loop = par.New(e.lane)
	return e
}

// gaussianEval cuts the rows of A into fixed blocks. Each block has a partial
// sum of 𝒜*; they are added in block order. A lane does some of the blocks, one
// after the other, so that what it needs to draw rows is there once.
type gaussianEval struct {
	op               *Gaussian
	m, adj           *matrix   // M and 𝒜*(w)
	part             []float64 // partial sums of 𝒜*(w), one of length d1·d2 a block
	rowBlocks, lanes int
	drawn            []drawn // one a lane, when matrix-free

	dst, b, w                   []float64 // of the call under way
	some                        []int     // the terms of AddTerms
	c                           float64
	blocks                      int
	body                        func(lane, block int)
	apply, both, adjoint, terms func(lane, block int)
	loop                        *par.Loop
}

// drawn is what a lane needs to draw four rows.
type drawn struct {
	rng  *series
	rows []float64
}

func (e *gaussianEval) run(body func(lane, block int), blocks int) {
	e.body, e.blocks = body, blocks
	e.loop.Run(min(blocks, e.lanes))
}

func (e *gaussianEval) lane(lane int) {
	for block := lane; block < e.blocks; block += e.lanes {
		e.body(lane, block)
	}
}

func (e *gaussianEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	e.begin(dst, x, y, b)
	e.run(e.apply, e.rowBlocks)
}

func (e *gaussianEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.begin(dst, x, y, b)
	e.run(e.both, e.rowBlocks)
	e.reduce(e.rowBlocks)
}

func (e *gaussianEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.m)
	e.m.load(m)
	e.dst, e.b = dst, b
	e.run(e.apply, e.rowBlocks)
}

func (e *gaussianEval) Adjoint(w []float64) {
	checkLen("w", len(w), e.op.m)
	e.w = w
	e.run(e.adjoint, e.rowBlocks)
	e.reduce(e.rowBlocks)
}

func (e *gaussianEval) AdjointDense(dst *mat.Dense) { e.adj.store(dst) }

func (e *gaussianEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	e.adj.mul(dst, c, trans, z)
}

// AddTerms forms M once, and once the sum of the sᵢAᵢ.
func (e *gaussianEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	checkTerms(du, dv, x, y, b, terms, e.op.d1, e.op.d2, e.op.m)
	if len(terms) == 0 {
		return
	}
	e.m.form(x, y)
	e.b, e.some, e.c = b, terms, c
	blocks := par.Blocks(len(terms), max(8, 1<<17/len(e.m.data)), e.rowBlocks)
	e.run(e.terms, blocks)
	e.reduce(blocks)
	e.Mul(du, 1, false, y)
	e.Mul(dv, 1, true, x)
}

func (e *gaussianEval) begin(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, e.op.m)
	checkThin(x, y, e.op.d1, e.op.d2)
	e.dst, e.b = dst, b
	e.m.form(x, y)
}

// rows returns the rows [i, i+count) of A, at most four, where they are stored
// or in the lane's memory.
func (e *gaussianEval) rows(lane, i, count int) []float64 {
	n := len(e.m.data)
	if e.op.a != nil {
		return e.op.a[i*n : (i+count)*n]
	}
	d := &e.drawn[lane]
	for k := range count {
		e.op.draw(d.rows[k*n:(k+1)*n], d.rng, i+k)
	}
	return d.rows[:count*n]
}

// residual sets r and dst[i:] to ⟨Aᵢ, M⟩ − bᵢ for the rows from i on.
func (e *gaussianEval) residual(r []float64, rows []float64, i int) {
	m := e.m.data
	n := len(m)
	if len(r) == 4 {
		loops.Dot4((*[4]float64)(r), rows, n, m)
	} else {
		for k := range r {
			r[k] = loops.Dot(rows[k*n:(k+1)*n], m)
		}
	}
	for k := range r {
		if e.b != nil {
			r[k] -= e.b[i+k]
		}
		e.dst[i+k] = r[k]
	}
}

// bounds are the rows of a block; all but the last have a multiple of four, as
// many as the loops take at once.
func (e *gaussianEval) bounds(block int) (lo, hi int) {
	lo, hi = par.Bounds((e.op.m+3)/4, e.rowBlocks, block)
	return 4 * lo, min(4*hi, e.op.m)
}

func (e *gaussianEval) applyBlock(lane, block int) {
	lo, hi := e.bounds(block)
	var r [4]float64
	for i := lo; i < hi; i += 4 {
		count := min(4, hi-i)
		e.residual(r[:count], e.rows(lane, i, count), i)
	}
}

// bothBlock adds rows to the block's sum while they are in cache.
func (e *gaussianEval) bothBlock(lane, block int) {
	lo, hi := e.bounds(block)
	part := e.partial(block)
	var r [4]float64
	for i := lo; i < hi; i += 4 {
		count := min(4, hi-i)
		rows := e.rows(lane, i, count)
		e.residual(r[:count], rows, i)
		combine(part, r[:count], rows)
	}
}

func (e *gaussianEval) adjointBlock(lane, block int) {
	lo, hi := e.bounds(block)
	part := e.partial(block)
	for i := lo; i < hi; i += 4 {
		count := min(4, hi-i)
		combine(part, e.w[i:i+count], e.rows(lane, i, count))
	}
}

func (e *gaussianEval) termsBlock(lane, block int) {
	lo, hi := par.Bounds(len(e.some), e.blocks, block)
	part := e.partial(block)
	for _, i := range e.some[lo:hi] {
		row := e.rows(lane, i, 1)
		s := loops.Dot(row, e.m.data)
		if e.b != nil {
			s -= e.b[i]
		}
		loops.AddScaled(part, e.c*s, row)
	}
}

func (e *gaussianEval) partial(block int) []float64 {
	n := len(e.adj.data)
	part := e.part[block*n : (block+1)*n]
	clear(part)
	return part
}

// reduce adds the partial sums in block order.
func (e *gaussianEval) reduce(blocks int) {
	n := len(e.adj.data)
	copy(e.adj.data, e.part[:n])
	for b := 1; b < blocks; b++ {
		loops.AddScaled(e.adj.data, 1, e.part[b*n:(b+1)*n])
	}
}
