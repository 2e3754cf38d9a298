package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// maxEntries bounds the sizes of a mask: indices are 32-bit.
const maxEntries = 1<<31 - 2

// NewMask makes the mask of the entries (rows[k], cols[k]), counted from 0, in
// any order. It also returns order, with which a caller brings values into the
// mask's row-major order: entry e of the mask is the caller's entry order[e].
// Sorting is by counting: four passes over the list, O(|Ω| + d1 + d2).
//
// Indices out of range, duplicates, and an empty list are errors; [Triplets]
// can average duplicates.
func NewMask(d1, d2 int, rows, cols []int) (mask *Mask, order []int, err error) {
	if err := checkIndices(d1, d2, rows, cols); err != nil {
		return nil, nil, err
	}
	order = rowMajor(d1, d2, rows, cols)
	for e := 1; e < len(order); e++ {
		if k, l := order[e-1], order[e]; rows[k] == rows[l] && cols[k] == cols[l] {
			return nil, nil, fmt.Errorf("operator: entry (%d, %d) is given twice, by items %d and %d of the list; every entry may be observed once (Triplets can average): %w", rows[k], cols[k], k, l, lr.ErrValue)
		}
	}
	b := newMaskBuilder(d1, d2, len(order))
	for _, k := range order {
		b.add(rows[k], cols[k])
	}
	return b.mask(), order, nil
}

// NewBoolMask observes the entries where seen is true; its rows must be equally
// long. A pattern without rows, columns or any true entry is an error.
func NewBoolMask(seen [][]bool) (*Mask, error) {
	d1, d2 := len(seen), 0
	if d1 > 0 {
		d2 = len(seen[0])
	}
	if err := checkMaskShape(d1, d2); err != nil {
		return nil, err
	}
	b := newMaskBuilder(d1, d2, 0)
	for i, row := range seen {
		if len(row) != d2 {
			return nil, fmt.Errorf("operator: row %d of the pattern has %d entries and row 0 has %d; rows must be equally long: %w", i, len(row), d2, lr.ErrShape)
		}
		for j, s := range row {
			if s {
				b.add(i, j)
			}
		}
	}
	return b.checked()
}

func checkIndices(d1, d2 int, rows, cols []int) error {
	if err := checkMaskShape(d1, d2); err != nil {
		return err
	}
	switch {
	case len(rows) != len(cols):
		return fmt.Errorf("operator: %d row and %d column indices; they must be as many: %w", len(rows), len(cols), lr.ErrShape)
	case len(rows) == 0:
		return errNoEntries()
	case len(rows) > maxEntries:
		return fmt.Errorf("operator: a mask of %d entries is too large; there must be fewer than 2³¹−1: %w", len(rows), lr.ErrValue)
	}
	for k := range rows {
		if i, j := rows[k], cols[k]; i < 0 || i >= d1 || j < 0 || j >= d2 {
			return fmt.Errorf("operator: entry %d is at (%d, %d), outside the %d×%d matrix (indices count from 0): %w", k, i, j, d1, d2, lr.ErrShape)
		}
	}
	return nil
}

func checkMaskShape(d1, d2 int) error {
	if err := checkShape(d1, d2); err != nil {
		return err
	}
	if d1 > maxEntries || d2 > maxEntries {
		return fmt.Errorf("operator: a mask of shape %d×%d is too large; sizes must be below 2³¹−1: %w", d1, d2, lr.ErrValue)
	}
	return nil
}

func errNoEntries() error {
	return fmt.Errorf("operator: the mask is empty; at least one entry must be observed: %w", lr.ErrEmpty)
}

// rowMajor is the order that brings entries into row-major order; entries at
// one place keep the order they have. It sorts by column, then stably by row.
func rowMajor(d1, d2 int, rows, cols []int) []int {
	byCol, order := make([]int32, len(rows)), make([]int, len(rows))
	next := starts(d2, cols)
	for k, j := range cols {
		byCol[next[j]] = int32(k)
		next[j]++
	}
	next = starts(d1, rows)
	for _, k := range byCol {
		i := rows[k]
		order[next[i]] = int(k)
		next[i]++
	}
	return order
}

// starts says where each of n lines begins when items are sorted by line.
func starts(n int, line []int) []int32 {
	from := make([]int32, n+1)
	for _, i := range line {
		from[i+1]++
	}
	accumulate(from)
	return from
}

func accumulate(from []int32) {
	for i := 1; i < len(from); i++ {
		from[i] += from[i-1]
	}
}

// maskBuilder takes entries in row-major order.
type maskBuilder struct{ m *Mask }

func newMaskBuilder(d1, d2, n int) maskBuilder {
	return maskBuilder{&Mask{d1: d1, d2: d2, p: lr.Pattern{RowFrom: make([]int32, d1+1), Col: make([]int32, 0, n)}}}
}

func (b maskBuilder) add(i, j int) {
	b.m.p.RowFrom[i+1]++
	b.m.p.Col = append(b.m.p.Col, int32(j))
}

// checked is the mask, or an error when it has no entry or too many.
func (b maskBuilder) checked() (*Mask, error) {
	switch n := len(b.m.p.Col); {
	case n == 0:
		return nil, errNoEntries()
	case n > maxEntries:
		return nil, fmt.Errorf("operator: a mask of %d entries is too large; there must be fewer than 2³¹−1: %w", n, lr.ErrValue)
	}
	return b.mask(), nil
}

// mask ends the building. A list that grew is cut to its length: a mask stores no
// more than it says.
func (b maskBuilder) mask() *Mask {
	p := &b.m.p
	if n := len(p.Col); cap(p.Col) > n {
		p.Col = append(make([]int32, 0, n), p.Col...)
	}
	p.ColFrom = make([]int32, b.m.d2+1)
	for _, j := range p.Col {
		p.ColFrom[j+1]++
	}
	accumulate(p.RowFrom)
	accumulate(p.ColFrom)
	return b.m
}
