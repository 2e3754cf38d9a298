package landscape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// At returns whether entry (i, j), counted from 0, is determined: it is observed,
// or has finitely many values that agree with what is. Unknown only in blocks
// that are estimated. Cost O(r + log |Ω|). It panics outside the matrix.
func (c *Completability) At(i, j int) Answer {
	if i < 0 || i >= c.D1 || j < 0 || j >= c.D2 {
		panic(fmt.Sprintf("landscape: Completability.At(%d, %d) of a %d×%d matrix", i, j, c.D1, c.D2))
	}
	k := c.rowIn[i]
	if k >= 0 && k == c.colIn[j] {
		return Answer(c.parts[k].At(c.rowNew[i], c.colNew[j]))
	}
	p := c.pattern
	_, seen := slices.BinarySearch(p.Col[p.RowFrom[i]:p.RowFrom[i+1]], int32(j))
	return answer(seen)
}

// OpenCounts is how many entries of each row and column are not determined, or
// not known to be.
type OpenCounts struct {
	Rows, Cols []int
	Total      int
}

// Open counts the entries that are not determined, or not known to be. It is
// O(d1 + d2 + |Ω|) where blocks are determined; in others each entry costs O(r).
func (c *Completability) Open() *OpenCounts {
	o := &OpenCounts{Rows: make([]int, c.D1), Cols: make([]int, c.D2)}
	for i := range c.D1 {
		o.Rows[i] = c.D2
	}
	for j := range c.D2 {
		o.Cols[j] = c.D1
	}
	c.eachOutside(func(i, j int) { o.close(i, j) })
	for k, b := range c.Blocks {
		if b.Completable == Yes {
			for _, i := range b.Rows {
				o.Rows[i] -= len(b.Cols)
			}
			for _, j := range b.Cols {
				o.Cols[j] -= len(b.Rows)
			}
			continue
		}
		for i, row := range c.closed(k) {
			for j, yes := range row {
				if yes {
					o.close(b.Rows[i], b.Cols[j])
				}
			}
		}
	}
	for _, n := range o.Rows {
		o.Total += n
	}
	return o
}

func (o *OpenCounts) close(i, j int) {
	o.Rows[i]--
	o.Cols[j]--
}

// eachOutside calls f for the observed entries that are in no block.
func (c *Completability) eachOutside(f func(i, j int)) {
	p := c.pattern
	for i := range c.D1 {
		for _, j := range p.Col[p.RowFrom[i]:p.RowFrom[i+1]] {
			if k := c.rowIn[i]; k < 0 || k != c.colIn[j] {
				f(i, int(j))
			}
		}
	}
}

// closed says of each entry of block k whether it is known to be determined.
func (c *Completability) closed(k int) [][]bool {
	p := c.parts[k]
	out := make([][]bool, len(p.Rows))
	par.New(func(i int) {
		row := make([]bool, len(p.Cols))
		for j := range row {
			row[j] = Answer(p.At(i, j)) == Yes
		}
		out[i] = row
	}).Run(len(out))
	return out
}

// Determined returns the rows and columns, ascending, of a block in which every
// entry is determined: the largest that was found. In a connected part that is not
// completable it is found greedily, so that a larger one may exist, but no line
// can be added to it. It is what can be completed when the rest is set aside. It
// is empty when no block is determined.
func (c *Completability) Determined() (rows, cols []int) {
	for k, b := range c.Blocks {
		r, q := b.Rows, b.Cols
		if len(r)*len(q) <= len(rows)*len(cols) {
			continue
		}
		if b.Completable != Yes {
			if r, q = c.largest(k); len(r) < c.R || len(q) < c.R {
				continue
			}
		}
		if len(r)*len(q) > len(rows)*len(cols) {
			rows, cols = r, q
		}
	}
	return slices.Clone(rows), slices.Clone(cols)
}

// largest is a large determined block of a part: it begins with the lines that
// agree with the column that has most determined entries, and drops the line with
// most open entries until there are none.
func (c *Completability) largest(k int) (rows, cols []int) {
	is := c.closed(k)
	b := c.Blocks[k]
	inRow, inCol := agreeing(is, len(b.Cols))
	prune(is, inRow, inCol)
	for i, row := range is { // what fits after all
		inRow[i] = inRow[i] || fits(row, inCol)
	}
	for j := range inCol {
		inCol[j] = true
		for i, row := range is {
			inCol[j] = inCol[j] && (!inRow[i] || row[j])
		}
	}
	for i, in := range inRow {
		if in {
			rows = append(rows, b.Rows[i])
		}
	}
	for j, in := range inCol {
		if in {
			cols = append(cols, b.Cols[j])
		}
	}
	return rows, cols
}

func fits(row, inCol []bool) bool {
	for j, in := range inCol {
		if in && !row[j] {
			return false
		}
	}
	return true
}

// agreeing are the rows that are determined in the best column, and the columns
// that are in at least half of those.
func agreeing(is [][]bool, cols int) (inRow, inCol []bool) {
	count := func(rows []bool) []int {
		n := make([]int, cols)
		for i, row := range is {
			for j, yes := range row {
				if yes && (rows == nil || rows[i]) {
					n[j]++
				}
			}
		}
		return n
	}
	all := count(nil)
	best := slices.Index(all, slices.Max(all))
	inRow, inCol = make([]bool, len(is)), make([]bool, cols)
	for i, row := range is {
		inRow[i] = row[best]
	}
	for j, n := range count(inRow) {
		inCol[j] = 2*n >= all[best]
	}
	return inRow, inCol
}

// prune drops lines until every entry is determined.
func prune(is [][]bool, inRow, inCol []bool) {
	openRow, openCol := make([]int, len(inRow)), make([]int, len(inCol))
	for i, row := range is {
		for j, yes := range row {
			if !yes && inRow[i] && inCol[j] {
				openRow[i]++
				openCol[j]++
			}
		}
	}
	for {
		i, j := slices.Index(openRow, slices.Max(openRow)), slices.Index(openCol, slices.Max(openCol))
		switch {
		case openRow[i] == 0:
			return
		case openRow[i] >= openCol[j]:
			inRow[i], openRow[i] = false, 0
			for q, yes := range is[i] {
				if !yes && inCol[q] {
					openCol[q]--
				}
			}
		default:
			inCol[j], openCol[j] = false, 0
			for q, row := range is {
				if !row[j] && inRow[q] {
					openRow[q]--
				}
			}
		}
	}
}

// String says what was found, in a few lines.
func (c *Completability) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "completable at rank %d: %v", c.R, c.Completable)
	if !c.Proven {
		b.WriteString(" (estimated)")
	}
	fmt.Fprintf(&b, "\n  %d of %d×%d entries observed, %d degrees of freedom, %d missing", c.Observed, c.D1, c.D2, c.Freedom, c.Missing)
	fmt.Fprintf(&b, "\n  too few entries: %d rows, %d columns", len(c.PeeledRows), len(c.PeeledCols))
	for _, k := range c.Blocks {
		fmt.Fprintf(&b, "\n  block of %d rows, %d columns, %d entries: %v", len(k.Rows), len(k.Cols), k.Observed, k.Completable)
		if e := k.Estimate; e != nil {
			fmt.Fprintf(&b, " (estimated: smallest singular value %.3g, sin² %.3g ± %.1g)", e.Singular, e.Sine2, e.Residual)
		}
	}
	return b.String()
}
