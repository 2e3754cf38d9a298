package sparse

import (
	"context"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// heaviest is the weight of the largest entry.
const heaviest = 1 << 58

// exact is the rule of that name. Weights are rounded to integers, the largest
// to 2⁵⁸, and what is optimal for them is: the gain is the best one to 2⁻⁵⁸ of
// the largest weight for each entry chosen. Entries so much smaller than the
// largest that they weigh nothing then compete for the room that is left, among
// themselves, and so on.
type exact struct {
	set   lr.SparseSet
	m     *matching
	size  []float64 // |x_ij| of the entries that have not been decided on, else 0
	line  []float64
	cells []uint64 // row and column of what is chosen
}

func newExact(d1, d2 int, set lr.SparseSet) *exact {
	return &exact{set: set, m: newMatching(d1, d2), size: make([]float64, d1*d2), line: make([]float64, d2)}
}

func (e *exact) choose(ctx context.Context, dst *lr.Sparse, x mat.Matrix) error {
	m := e.m
	if err := room(m.rowCap, m.colCap, x, e.line, e.set); err != nil {
		return err
	}
	for i := range m.d1 {
		for j, v := range tiles.Row(x, e.line, i, 0, m.d2) {
			e.size[i*m.d2+j] = 0
			if v == v {
				e.size[i*m.d2+j] = math.Abs(v)
			}
		}
	}
	e.cells = e.cells[:0]
	for e.weigh() {
		if err := m.solve(ctx); err != nil {
			return err
		}
		e.collect()
	}
	slices.Sort(e.cells)
	for _, c := range e.cells {
		add(dst, int32(c>>32), int32(uint32(c)), x, e.set.Cap)
	}
	finish(dst)
	return nil
}

// weigh sets the weights of the entries that are left and have room, and takes
// those that weigh something out of size. It returns false when none is left.
func (e *exact) weigh() bool {
	m, largest := e.m, 0.0
	for i, room := range m.rowCap {
		for j, size := range e.size[i*m.d2 : (i+1)*m.d2] {
			if room > 0 && m.colCap[j] > 0 {
				largest = max(largest, size)
			}
		}
	}
	if largest == 0 {
		return false
	}
	for i, room := range m.rowCap {
		for j := range m.d2 {
			at, weight := i*m.d2+j, absent
			if size := e.size[at]; size > 0 && room > 0 && m.colCap[j] > 0 {
				if w := int64(math.Round(relative(size, largest, e.set.Cap) * heaviest)); w > 0 {
					weight, e.size[at] = w, 0
				}
			}
			m.weight[at] = weight
		}
	}
	return true
}

// relative is the weight of an entry, size² − (size − min(size, limit))²,
// divided by that of the largest one, or by some number between that and its
// half. Nothing in it is squared that could be too large or too small.
func relative(size, largest, limit float64) float64 {
	switch {
	case largest <= limit:
		return (size / largest) * (size / largest)
	case size <= limit:
		return (size / limit) * (size / largest)
	}
	return (size/largest - limit/largest) + size/largest
}

// collect adds what the matching has chosen, and takes its room.
func (e *exact) collect() {
	for j, edges := range e.m.chosen {
		for _, c := range edges {
			e.cells = append(e.cells, uint64(c.row)<<32|uint64(j))
			e.m.rowCap[c.row]--
			e.m.colCap[j]--
		}
	}
}
