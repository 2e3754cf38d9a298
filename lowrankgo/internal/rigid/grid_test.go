package rigid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// gridOf makes a grid of a pattern.
func gridOf(seen [][]bool) *Grid {
	rowFrom, col := []int32{0}, []int32{}
	for _, row := range seen {
		for j, yes := range row {
			if yes {
				col = append(col, int32(j))
			}
		}
		rowFrom = append(rowFrom, int32(len(col)))
	}
	a := adjacency{rowFrom, col, counting(len(col))}
	b := a.turned(len(seen[0]))
	return NewGrid(rowFrom, col, b.from, b.to, b.at)
}

func pattern(rng *rand.Rand, d1, d2 int, p float64) [][]bool {
	seen := make([][]bool, d1)
	for i := range seen {
		seen[i] = make([]bool, d2)
		for j := range seen[i] {
			seen[i][j] = rng.Float64() < p
		}
	}
	return seen
}

// drawPattern draws a pattern, sometimes with empty lines or blocks.
func drawPattern(t *rapid.T, most int) ([][]bool, *rand.Rand) {
	rng := testRNG(rapid.Uint64().Draw(t, "seed"))
	seen := pattern(rng, 1+rng.IntN(most), 1+rng.IntN(most), 0.05+0.95*rng.Float64())
	if rng.IntN(3) > 0 {
		bridge(seen, rng, rng.IntN(5))
	}
	return seen, rng
}

// bridge leaves two blocks, and some entries between them.
func bridge(seen [][]bool, rng *rand.Rand, n int) {
	d1, d2 := len(seen), len(seen[0])
	for i := range d1 {
		for j := range d2 {
			seen[i][j] = seen[i][j] && (i < d1/2) == (j < d2/2)
		}
	}
	for range n {
		seen[rng.IntN(d1)][rng.IntN(d2)] = true
	}
}

func (g *Grid) consistent(t *rapid.T) {
	if len(g.byRow.from) != len(g.Rows)+1 || len(g.byCol.from) != len(g.Cols)+1 || len(g.byRow.to) != len(g.byCol.to) {
		t.Fatalf("lists of lengths %d, %d, %d, %d", len(g.byRow.from), len(g.byCol.from), len(g.byRow.to), len(g.byCol.to))
	}
	for j := range g.Cols {
		for k, i := range g.byCol.of(j) {
			e := g.byCol.at[int(g.byCol.from[j])+k]
			if int(g.byRow.to[e]) != j || e < g.byRow.from[i] || e >= g.byRow.from[i+1] {
				t.Fatalf("entry %d of column %d is said to be in row %d", e, j, i)
			}
		}
	}
}

// Peeling against a loop that removes one line at a time.
func TestCore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen, _ := drawPattern(t, 12)
		r := rapid.IntRange(1, 4).Draw(t, "r")
		row, col := slices.Repeat([]bool{true}, len(seen)), slices.Repeat([]bool{true}, len(seen[0]))
		for again := true; again; {
			again = false
			for i := range row {
				n := 0
				for j := range col {
					if seen[i][j] && col[j] {
						n++
					}
				}
				if row[i] && n < r {
					row[i], again = false, true
				}
			}
			for j := range col {
				n := 0
				for i := range row {
					if seen[i][j] && row[i] {
						n++
					}
				}
				if col[j] && n < r {
					col[j], again = false, true
				}
			}
		}
		c := gridOf(seen).Core(r)
		c.consistent(t)
		gotRow, gotCol := make([]bool, len(row)), make([]bool, len(col))
		for a, i := range c.Rows {
			gotRow[i] = true
			for _, b := range c.byRow.of(a) {
				if !seen[i][c.Cols[b]] {
					t.Fatalf("entry (%d, %d) is not observed", i, c.Cols[b])
				}
			}
		}
		for _, j := range c.Cols {
			gotCol[j] = true
		}
		if !slices.Equal(row, gotRow) || !slices.Equal(col, gotCol) {
			t.Fatalf("core %v × %v, want %v × %v", gotRow, gotCol, row, col)
		}
	})
}

// Components against union by relabelling.
func TestComponents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen, _ := drawPattern(t, 12)
		d1 := len(seen)
		label := make([]int, d1+len(seen[0]))
		for k := range label {
			label[k] = k
		}
		for i, row := range seen {
			for j, yes := range row {
				if a, b := label[i], label[d1+j]; yes && a != b {
					for k, l := range label {
						if l == b {
							label[k] = a
						}
					}
				}
			}
		}
		g := gridOf(seen)
		entries, lines := 0, 0
		for _, c := range g.Components() {
			c.consistent(t)
			entries += c.Entries()
			lines += c.Lines()
			want := label[c.Rows[0]]
			for _, i := range c.Rows {
				if label[i] != want {
					t.Fatalf("row %d is not connected with row %d", i, c.Rows[0])
				}
			}
			for _, j := range c.Cols {
				if label[d1+int(j)] != want {
					t.Fatalf("column %d is not connected with row %d", j, c.Rows[0])
				}
			}
			n := 0
			for _, l := range label {
				if l == want {
					n++
				}
			}
			if n != c.Lines() {
				t.Fatalf("a component of %d lines has %d", n, c.Lines())
			}
		}
		if entries != g.Entries() {
			t.Fatalf("components have %d of %d entries", entries, g.Entries())
		}
	})
}
