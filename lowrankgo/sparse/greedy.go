package sparse

import (
	"cmp"
	"context"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// greedy is the rule of that name. It sorts only the largest candidates, as
// many as twice what S can hold; then those of the rest that still have room
// in both lines; and so on until there is none.
type greedy struct {
	set        lr.SparseSet
	rows, cols []int32 // room left
	entries    []entry
	size, line []float64
	chosen     []entry
}

// entry is a place in a matrix with its magnitude.
type entry struct {
	size     float64
	row, col int32
}

// before says whether a is to be taken before b.
func before(a, b entry) int {
	if c := cmp.Compare(b.size, a.size); c != 0 {
		return c
	}
	return inOrder(a, b)
}

// inOrder compares by rows, then by columns.
func inOrder(a, b entry) int {
	if c := cmp.Compare(a.row, b.row); c != 0 {
		return c
	}
	return cmp.Compare(a.col, b.col)
}

func newGreedy(d1, d2 int, set lr.SparseSet) *greedy {
	return &greedy{set: set, rows: make([]int32, d1), cols: make([]int32, d2), line: make([]float64, d2)}
}

func (g *greedy) choose(ctx context.Context, dst *lr.Sparse, x mat.Matrix) error {
	if err := room(g.rows, g.cols, x, g.line, g.set); err != nil {
		return err
	}
	g.list(x)
	g.chosen = g.chosen[:0]
	rest := g.entries
	for len(rest) > 0 {
		if err := stopped(ctx); err != nil {
			return err
		}
		var large []entry
		large, rest = g.split(rest)
		slices.SortFunc(large, before)
		for _, e := range large {
			if g.rows[e.row] > 0 && g.cols[e.col] > 0 {
				g.rows[e.row]--
				g.cols[e.col]--
				g.chosen = append(g.chosen, e)
			}
		}
		rest = g.open(rest)
	}
	slices.SortFunc(g.chosen, inOrder)
	for _, e := range g.chosen {
		add(dst, e.row, e.col, x, g.set.Cap)
	}
	finish(dst)
	return nil
}

// list makes entries those of x that are neither missing nor 0 and have room.
func (g *greedy) list(x mat.Matrix) {
	g.entries = g.entries[:0]
	for i, room := range g.rows {
		if room == 0 {
			continue
		}
		for j, v := range tiles.Row(x, g.line, i, 0, len(g.cols)) {
			if size := math.Abs(v); size > 0 && g.cols[j] > 0 {
				g.entries = append(g.entries, entry{size, int32(i), int32(j)})
			}
		}
	}
}

// split parts the entries that are to be looked at next from those that are
// smaller.
func (g *greedy) split(e []entry) (large, rest []entry) {
	many := 2*min(total(g.rows), total(g.cols)) + 256
	if len(e) <= many {
		return e, nil
	}
	g.size = g.size[:0]
	for k := range e {
		g.size = append(g.size, e[k].size)
	}
	bar, n := tiles.Largest(g.size, many), 0
	for k := range e {
		if e[k].size >= bar {
			e[n], e[k] = e[k], e[n]
			n++
		}
	}
	return e[:n], e[n:]
}

// open keeps the entries that have room in both lines.
func (g *greedy) open(e []entry) []entry {
	n := 0
	for _, v := range e {
		if g.rows[v.row] > 0 && g.cols[v.col] > 0 {
			e[n] = v
			n++
		}
	}
	return e[:n]
}

func total(room []int32) int {
	sum := 0
	for _, n := range room {
		sum += int(n)
	}
	return sum
}

// add appends an entry of x to dst, whose RowFrom[i+1] counts those of row i
// until finish.
func add(dst *lr.Sparse, i, j int32, x mat.Matrix, limit float64) {
	dst.RowFrom[i+1]++
	dst.Col = append(dst.Col, j)
	dst.Value = append(dst.Value, clip(x.At(int(i), int(j)), limit))
}

// finish makes the counts of rows the places where they begin.
func finish(dst *lr.Sparse) {
	for i := range dst.D1 {
		dst.RowFrom[i+1] += dst.RowFrom[i]
	}
}
