package rigid

import "slices"

// adjacency lists, for each line of one side, the lines of the other side that
// it shares an observed entry with, ascending, and which entry that is.
type adjacency struct {
	from []int32 // line i has positions from[i] … from[i+1]−1
	to   []int32
	at   []int32 // the entry, counted by rows
}

func (a *adjacency) of(i int) []int32 { return a.to[a.from[i]:a.from[i+1]] }

func (a *adjacency) degree(i int) int { return int(a.from[i+1] - a.from[i]) }

// Grid is the bipartite graph of observed entries of some rows and columns.
type Grid struct {
	Rows, Cols   []int32 // which of the matrix these are, ascending
	byRow, byCol adjacency
}

// NewGrid is the grid of all rows and columns. Row i has the columns col[rowFrom[i]]
// … col[rowFrom[i+1]−1], ascending, and column j the rows of row in the same way;
// at says which of the entries by rows these are. It shares the lists.
func NewGrid(rowFrom, col, colFrom, row, at []int32) *Grid {
	return &Grid{
		Rows: counting(len(rowFrom) - 1), Cols: counting(len(colFrom) - 1),
		byRow: adjacency{rowFrom, col, counting(len(col))},
		byCol: adjacency{colFrom, row, at},
	}
}

// Degrees are the numbers of entries of each row and column.
func (g *Grid) Degrees() (row, col []int) {
	row, col = make([]int, len(g.Rows)), make([]int, len(g.Cols))
	for i := range row {
		row[i] = g.byRow.degree(i)
	}
	for j := range col {
		col[j] = g.byCol.degree(j)
	}
	return row, col
}

// Core is the r-core: what is left when rows and columns with fewer than r
// entries are removed, again and again.
func (g *Grid) Core(r int) *Grid { return g.sub(g.peel(r)) }

func counting(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// Entries counts what is observed.
func (g *Grid) Entries() int { return len(g.byRow.to) }

// Lines counts rows and columns.
func (g *Grid) Lines() int { return len(g.Rows) + len(g.Cols) }

// full reports whether every entry is observed.
func (g *Grid) full() bool { return g.Entries() == len(g.Rows)*len(g.Cols) }

// transposed is the grid with rows and columns exchanged; entries keep their
// numbers.
func (g *Grid) transposed() *Grid {
	return &Grid{Rows: g.Cols, Cols: g.Rows, byRow: g.byCol, byCol: g.byRow}
}

// sub is the grid of the lines that are kept, numbered anew in the same order.
func (g *Grid) sub(keepRow, keepCol []bool) *Grid {
	s := &Grid{}
	newCol := make([]int32, len(g.Cols))
	for j, keep := range keepCol {
		if keep {
			newCol[j] = int32(len(s.Cols))
			s.Cols = append(s.Cols, g.Cols[j])
		}
	}
	a := &s.byRow
	a.from = append(a.from, 0)
	for i, keep := range keepRow {
		if !keep {
			continue
		}
		s.Rows = append(s.Rows, g.Rows[i])
		for _, j := range g.byRow.of(i) {
			if keepCol[j] {
				a.to = append(a.to, newCol[j])
			}
		}
		a.from = append(a.from, int32(len(a.to)))
	}
	a.at = counting(len(a.to))
	s.byCol = a.turned(len(s.Cols))
	return s
}

// turned lists the same entries by the n lines of the other side.
func (a *adjacency) turned(n int) adjacency {
	t := adjacency{make([]int32, n+1), make([]int32, len(a.to)), make([]int32, len(a.to))}
	for _, j := range a.to {
		t.from[j+1]++
	}
	for j := range n {
		t.from[j+1] += t.from[j]
	}
	next := slices.Clone(t.from)
	for i := range len(a.from) - 1 {
		for e := a.from[i]; e < a.from[i+1]; e++ {
			k := next[a.to[e]]
			next[a.to[e]]++
			t.to[k], t.at[k] = int32(i), a.at[e]
		}
	}
	return t
}

// peel removes rows and columns with fewer than r entries among those that are
// left, again and again, and returns which stay: the r-core. It is the same in
// whatever order they are removed. Cost O(|Ω|).
func (g *Grid) peel(r int) (keepRow, keepCol []bool) {
	sides := [2]*adjacency{&g.byRow, &g.byCol}
	n := [2]int{len(g.Rows), len(g.Cols)}
	var keep [2][]bool
	var left [2][]int
	type line struct{ side, i int }
	var gone []line
	for s, a := range sides {
		keep[s], left[s] = make([]bool, n[s]), make([]int, n[s])
		for i := range n[s] {
			left[s][i] = a.degree(i)
			if keep[s][i] = left[s][i] >= r; !keep[s][i] {
				gone = append(gone, line{s, i})
			}
		}
	}
	for len(gone) > 0 {
		l := gone[len(gone)-1]
		gone = gone[:len(gone)-1]
		o := 1 - l.side
		for _, j := range sides[l.side].of(l.i) {
			if left[o][j]--; keep[o][j] && left[o][j] < r {
				keep[o][j] = false
				gone = append(gone, line{o, int(j)})
			}
		}
	}
	return keep[0], keep[1]
}

// Components are the connected parts of the grid that have an entry, in the
// order of their first rows.
func (g *Grid) Components() []*Grid {
	rowIn, colIn := filled(len(g.Rows)), filled(len(g.Cols))
	parts := 0
	for i := range g.Rows {
		if rowIn[i] >= 0 || g.byRow.degree(i) == 0 {
			continue
		}
		rowIn[i] = parts
		g.spread(i, rowIn, colIn, parts)
		parts++
	}
	if parts == 1 && !slices.Contains(rowIn, -1) && !slices.Contains(colIn, -1) {
		return []*Grid{g}
	}
	return g.parts(rowIn, colIn, parts)
}

// spread marks all that is connected with row i.
func (g *Grid) spread(i int, rowIn, colIn []int, part int) {
	rows := []int32{int32(i)}
	for len(rows) > 0 {
		i := rows[len(rows)-1]
		rows = rows[:len(rows)-1]
		for _, j := range g.byRow.of(int(i)) {
			if colIn[j] >= 0 {
				continue
			}
			colIn[j] = part
			for _, k := range g.byCol.of(int(j)) {
				if rowIn[k] < 0 {
					rowIn[k] = part
					rows = append(rows, k)
				}
			}
		}
	}
}

// parts cuts the grid into n parts without entries between them; a line with
// number −1 is in none. It takes O(|Ω|) in all.
func (g *Grid) parts(rowIn, colIn []int, n int) []*Grid {
	out := make([]*Grid, n)
	for k := range out {
		out[k] = &Grid{byRow: adjacency{from: []int32{0}}}
	}
	newCol := make([]int32, len(g.Cols))
	for j, k := range colIn {
		if k >= 0 {
			newCol[j] = int32(len(out[k].Cols))
			out[k].Cols = append(out[k].Cols, g.Cols[j])
		}
	}
	for i, k := range rowIn {
		if k < 0 {
			continue
		}
		s := out[k]
		s.Rows = append(s.Rows, g.Rows[i])
		for _, j := range g.byRow.of(i) {
			s.byRow.to = append(s.byRow.to, newCol[j])
		}
		s.byRow.from = append(s.byRow.from, int32(len(s.byRow.to)))
	}
	for _, s := range out {
		s.byRow.at = counting(len(s.byRow.to))
		s.byCol = s.byRow.turned(len(s.Cols))
	}
	return out
}

func filled(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = -1
	}
	return out
}

// grow adds rows with at least r entries in the columns that are in, and
// columns with at least r in the rows that are in, until there are none. When
// the rows and columns that are in, at least r each, form a block whose every
// entry is determined, the larger block is determined too. It returns how many
// lines are in. Cost O(|Ω|).
func (g *Grid) grow(r int, inRow, inCol []bool) int {
	sides := [2]*adjacency{&g.byRow, &g.byCol}
	in := [2][]bool{inRow, inCol}
	count := [2][]int{make([]int, len(inRow)), make([]int, len(inCol))}
	type line struct{ side, i int }
	var next []line
	for s := range in {
		for i, is := range in[s] {
			if is {
				next = append(next, line{s, i})
			}
		}
	}
	n := len(next)
	for len(next) > 0 {
		l := next[len(next)-1]
		next = next[:len(next)-1]
		o := 1 - l.side
		for _, j := range sides[l.side].of(l.i) {
			if count[o][j]++; !in[o][j] && count[o][j] >= r {
				in[o][j] = true
				next = append(next, line{o, int(j)})
				n++
			}
		}
	}
	return n
}
