package operator

import (
	"fmt"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// Mask observes the entries of a matrix in a set Ω,
//
//	𝒜(M) = (M_ij), (i, j) ∈ Ω in row-major order
//
// It stores Ω by rows and by columns, 16 bytes an entry. One application to
// factors with k columns costs 2|Ω|k flops.
type Mask struct {
	d1, d2  int
	rowFrom []int32 // entries of row i are rowFrom[i] … rowFrom[i+1]−1
	col     []int32 // their columns, ascending
	colFrom []int32 // entries of column j are colFrom[j] … colFrom[j+1]−1
	row     []int32 // their rows, ascending
	at      []int32 // and where they stand in row-major order
}

// NewMask makes the mask of the entries (rows[k], cols[k]), counted from 0, in
// any order. It also returns order, with which a caller brings values into the
// mask's row-major order: entry e of the mask is the caller's entry order[e].
// Indices out of range, duplicates, and an empty list are errors.
func NewMask(d1, d2 int, rows, cols []int) (mask *Mask, order []int, err error) {
	if err := checkMask(d1, d2, rows, cols); err != nil {
		return nil, nil, err
	}
	order = make([]int, len(rows))
	for k := range order {
		order[k] = k
	}
	sort.Slice(order, func(a, b int) bool {
		a, b = order[a], order[b]
		if rows[a] != rows[b] {
			return rows[a] < rows[b]
		}
		return cols[a] < cols[b]
	})
	m := &Mask{d1: d1, d2: d2, rowFrom: make([]int32, d1+1), col: make([]int32, len(rows))}
	for e, k := range order {
		if e > 0 && rows[order[e-1]] == rows[k] && cols[order[e-1]] == cols[k] {
			return nil, nil, fmt.Errorf("operator: entry (%d, %d) is given twice; every entry may be observed once: %w", rows[k], cols[k], lr.ErrValue)
		}
		m.rowFrom[rows[k]+1]++
		m.col[e] = int32(cols[k])
	}
	for i := range d1 {
		m.rowFrom[i+1] += m.rowFrom[i]
	}
	m.byColumns()
	return m, order, nil
}

func checkMask(d1, d2 int, rows, cols []int) error {
	if err := checkShape(d1, d2); err != nil {
		return err
	}
	switch {
	case d1 > 1<<31-2 || d2 > 1<<31-2 || len(rows) > 1<<31-2:
		return fmt.Errorf("operator: a %d×%d mask of %d entries is too large; sizes must be below 2³¹: %w", d1, d2, len(rows), lr.ErrValue)
	case len(rows) != len(cols):
		return fmt.Errorf("operator: %d row and %d column indices; they must be as many: %w", len(rows), len(cols), lr.ErrShape)
	case len(rows) == 0:
		return fmt.Errorf("operator: the mask is empty; at least one entry must be observed: %w", lr.ErrEmpty)
	}
	for k := range rows {
		if i, j := rows[k], cols[k]; i < 0 || i >= d1 || j < 0 || j >= d2 {
			return fmt.Errorf("operator: entry %d is at (%d, %d), outside the %d×%d matrix (indices count from 0): %w", k, i, j, d1, d2, lr.ErrShape)
		}
	}
	return nil
}

// byColumns builds the column form from the row form.
func (m *Mask) byColumns() {
	n := len(m.col)
	m.colFrom, m.row, m.at = make([]int32, m.d2+1), make([]int32, n), make([]int32, n)
	for _, j := range m.col {
		m.colFrom[j+1]++
	}
	for j := range m.d2 {
		m.colFrom[j+1] += m.colFrom[j]
	}
	next := append([]int32(nil), m.colFrom[:m.d2]...)
	for i := range m.d1 {
		for e := m.rowFrom[i]; e < m.rowFrom[i+1]; e++ {
			j := m.col[e]
			m.row[next[j]], m.at[next[j]] = int32(i), e
			next[j]++
		}
	}
}

// NewBernoulliMask observes each entry of a d1×d2 matrix with probability p,
// independently. An impossible p and a draw without any entry are errors.
func NewBernoulliMask(d1, d2 int, p float64, seed uint64) (*Mask, error) {
	if err := checkSizes(d1, d2, 1); err != nil {
		return nil, err
	}
	if !(p > 0 && p <= 1) {
		return nil, fmt.Errorf("operator: the probability is %v; 0 < p ≤ 1 is wanted: %w", p, lr.ErrValue)
	}
	rng := lr.Stream(seed, "mask")
	var rows, cols []int
	for i := range d1 {
		for j := range d2 {
			if rng.Float64() < p {
				rows, cols = append(rows, i), append(cols, j)
			}
		}
	}
	m, _, err := NewMask(d1, d2, rows, cols)
	return m, err
}

// Dims returns the shape of matrices and the number of observed entries.
func (m *Mask) Dims() (d1, d2, n int) { return m.d1, m.d2, len(m.col) }

// Entry returns where entry e of the mask is, e counted from 0 in row-major
// order.
func (m *Mask) Entry(e int) (i, j int) {
	i = sort.Search(m.d1, func(i int) bool { return int(m.rowFrom[i+1]) > e })
	return i, int(m.col[e])
}

// RowCounts returns how many entries each row has.
func (m *Mask) RowCounts() []int { return counts(m.rowFrom) }

// ColCounts returns how many entries each column has.
func (m *Mask) ColCounts() []int { return counts(m.colFrom) }

func counts(from []int32) []int {
	out := make([]int, len(from)-1)
	for i := range out {
		out[i] = int(from[i+1] - from[i])
	}
	return out
}

func (m *Mask) String() string {
	return fmt.Sprintf("Mask(%d of %d×%d entries)", len(m.col), m.d1, m.d2)
}

// NewEval returns a workspace: one number an entry.
func (m *Mask) NewEval() lr.OperatorEval {
	e := &maskEval{
		op: m, w: make([]float64, len(m.col)),
		rowBlocks: par.Blocks(m.d1, 1+m.d1*4096/(len(m.col)+m.d1), 64),
		colBlocks: par.Blocks(m.d2, 1+m.d2*4096/(len(m.col)+m.d2), 64),
	}
	e.apply = par.New(e.applyBlock)
	e.mulRows = par.New(e.mulRowBlock)
	e.mulCols = par.New(e.mulColBlock)
	return e
}

// maskEval cuts rows, and columns, into fixed blocks; each sum over Ω belongs
// to one row or one column and so to one block.
type maskEval struct {
	op                   *Mask
	w                    []float64 // 𝒜*(w) at the entries, row-major
	rowBlocks, colBlocks int

	dst, b                  []float64 // of the call under way
	x, y                    *mat.Dense
	c                       float64
	apply, mulRows, mulCols *par.Loop
}

func (e *maskEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkLen("dst", len(dst), len(e.w))
	if b != nil {
		checkLen("b", len(b), len(e.w))
	}
	checkThin(x, y, e.op.d1, e.op.d2)
	e.dst, e.b, e.x, e.y = dst, b, x, y
	e.apply.Run(e.rowBlocks)
}

func (e *maskEval) applyBlock(block int) {
	lo, hi := par.Bounds(e.op.d1, e.rowBlocks, block)
	y := e.y.RawMatrix()
	for i := lo; i < hi; i++ {
		xi := e.x.RawRowView(i)
		for k := e.op.rowFrom[i]; k < e.op.rowFrom[i+1]; k++ {
			yj := y.Data[int(e.op.col[k])*y.Stride:]
			var s float64
			for l, v := range xi {
				s += float64(v * yj[l])
			}
			if e.b != nil {
				s -= e.b[k]
			}
			e.dst[k] = s
		}
	}
}

func (e *maskEval) Adjoint(w []float64) {
	checkLen("w", len(w), len(e.w))
	copy(e.w, w)
}

func (e *maskEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

func (e *maskEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, e.op.d1, e.op.d2)
	e.x, e.y, e.c = dst, z, c
	if trans {
		e.mulCols.Run(e.colBlocks)
	} else {
		e.mulRows.Run(e.rowBlocks)
	}
}

func (e *maskEval) mulRowBlock(block int) {
	lo, hi := par.Bounds(e.op.d1, e.rowBlocks, block)
	z := e.y.RawMatrix()
	for i := lo; i < hi; i++ {
		out := e.x.RawRowView(i)
		scaleRow(out, e.c)
		for k := e.op.rowFrom[i]; k < e.op.rowFrom[i+1]; k++ {
			addRow(out, e.w[k], z.Data[int(e.op.col[k])*z.Stride:])
		}
	}
}

func (e *maskEval) mulColBlock(block int) {
	lo, hi := par.Bounds(e.op.d2, e.colBlocks, block)
	z := e.y.RawMatrix()
	for j := lo; j < hi; j++ {
		out := e.x.RawRowView(j)
		scaleRow(out, e.c)
		for k := e.op.colFrom[j]; k < e.op.colFrom[j+1]; k++ {
			addRow(out, e.w[e.op.at[k]], z.Data[int(e.op.row[k])*z.Stride:])
		}
	}
}

// scaleRow multiplies by c; a c of 0 also clears NaN.
func scaleRow(y []float64, c float64) {
	if c == 0 {
		clear(y)
		return
	}
	for k := range y {
		y[k] *= c
	}
}

func addRow(y []float64, c float64, x []float64) {
	for k := range y {
		y[k] += float64(c * x[k])
	}
}
