package operator

import (
	"fmt"
	"slices"
	"sync"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Mask observes the entries of a d1×d2 matrix in a set Ω,
//
//	𝒜(M) = (M_ij), (i, j) ∈ Ω in row-major order
//
// so that 𝒜*(w) is the sparse matrix with w on Ω. It stores Ω by rows, 4 bytes an
// entry, and also by columns, 8 more, once that is needed: by [Mask.Pattern], and
// for products where columns have fewer than 128 entries on average. An evaluator
// stores nothing an entry: it keeps the w of Adjoint where the caller has it. With
// b and the residual beside it, completion takes 20 or 28 bytes an entry.
//
// 𝒜(XYᵀ), 𝒜*(w)·Z and 𝒜*(w)ᵀ·Z for thin matrices of k columns cost 2|Ω|k flops
// each and read the list of entries once. Work is shared out by entries, not by
// rows: a row that holds most of them is done in parts.
//
// Masks are made by [NewMask] from indices, [NewBoolMask] from a pattern,
// [NewBernoulliMask] and [FixedCount] at random, and together with values by
// [Triplets] from a list, by index or by name, and [NewObserved] from a matrix
// with gaps.
type Mask struct {
	d1, d2    int
	p         lr.Pattern // Row and At are there after byColumns
	byColumns sync.Once
}

// Dims returns the shape of matrices and the number of observed entries.
func (m *Mask) Dims() (d1, d2, n int) { return m.d1, m.d2, len(m.p.Col) }

// Pattern returns where the entries are, by rows and by columns; its first call
// makes the list by columns, O(|Ω| + d2). It is the mask's own and must not be
// changed.
func (m *Mask) Pattern() *lr.Pattern {
	m.byColumns.Do(m.listColumns)
	return &m.p
}

// listColumns adds the form by columns to the form by rows.
func (m *Mask) listColumns() {
	p, n := &m.p, len(m.p.Col)
	row, at, next := make([]int32, n), make([]int32, n), slices.Clone(p.ColFrom)
	for i := range m.d1 {
		for e := p.RowFrom[i]; e < p.RowFrom[i+1]; e++ {
			k := next[p.Col[e]]
			row[k], at[k] = int32(i), e
			next[p.Col[e]]++
		}
	}
	p.Row, p.At = row, at
}

// Bytes returns how much memory the lists take, both by rows and by columns: 12
// an entry, and 4 for each row and column.
func (m *Mask) Bytes() int {
	return 12*len(m.p.Col) + 4*(len(m.p.RowFrom)+len(m.p.ColFrom))
}

// Entry returns where entry e of the mask is, e counted from 0 in row-major
// order; cost log d1.
func (m *Mask) Entry(e int) (i, j int) {
	return lineOf(m.p.RowFrom, e), int(m.p.Col[e])
}

// lineOf is the row or column that holds position e of lists cut at from.
func lineOf(from []int32, e int) int {
	lo, hi := 0, len(from)-1 // from[lo] ≤ e < from[hi]
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) / 2); int(from[mid]) <= e {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// RowCounts returns how many entries each row has.
func (m *Mask) RowCounts() []int { return counts(m.p.RowFrom) }

// ColCounts returns how many entries each column has.
func (m *Mask) ColCounts() []int { return counts(m.p.ColFrom) }

func counts(from []int32) []int {
	out := make([]int, len(from)-1)
	for i := range out {
		out[i] = int(from[i+1] - from[i])
	}
	return out
}

func (m *Mask) String() string {
	return fmt.Sprintf("Mask(%d of %d×%d entries)", len(m.p.Col), m.d1, m.d2)
}
