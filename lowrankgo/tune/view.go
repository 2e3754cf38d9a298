package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

const (
	probes  = 1 << 16 // observed entries by which a scale is measured, at least
	perLine = 64      // and of each row, and of a column about, if there are so many
)

// probe is an observed entry whose residual is looked at after each sweep.
type probe struct {
	i, j int32
	y    float64
}

// view is the data as the fits read them: row by row, times a power of two
// that brings their median magnitude to about 1, so that nothing overflows.
type view struct {
	m        mat.Matrix
	d1, d2   int
	unit     float64 // what entries are multiplied by
	typical  float64 // the median magnitude, in that unit
	observed int
	rowN     []int   // observed entries of each row
	colN     []int   // and column
	probes   []probe // row by row
	byCol    []int32 // the same, column by column
}

// newView reads the data once. Infinite entries and data without a single
// observed entry are errors.
func newView(ctx context.Context, m mat.Matrix, seed uint64) (*view, error) {
	d1, d2 := m.Dims()
	v := &view{m: m, d1: d1, d2: d2, unit: 1, rowN: make([]int, d1), colN: make([]int, d2)}
	each := max(perLine, (probes+d1-1)/d1, perLine*d2/d1)
	rng := lr.Stream(seed, "tune: probes")
	buf, seen := make([]float64, d2), make([]int, 0, d2)
	for i := range d1 {
		if ctx.Err() != nil {
			return nil, canceled(ctx)
		}
		row := tiles.Row(m, buf, i, 0, d2)
		var err error
		if seen, err = v.look(row, i, seen[:0]); err != nil {
			return nil, err
		}
		for _, j := range pick(rng, seen, each) {
			v.probes = append(v.probes, probe{int32(i), int32(j), row[j]})
		}
	}
	if v.observed == 0 {
		return nil, fmt.Errorf("tune: all %d×%d entries are NaN; observed ones are wanted: %w", d1, d2, lr.ErrEmpty)
	}
	v.rescale()
	v.orderProbes()
	return v, nil
}

// look counts what is observed of row i and appends the columns to seen.
func (v *view) look(row []float64, i int, seen []int) ([]int, error) {
	for j, y := range row {
		if math.IsInf(y, 0) {
			return nil, fmt.Errorf("tune: the entry in row %d, column %d is %v; a finite number is wanted, or NaN where nothing is observed: %w", i, j, y, lr.ErrValue)
		}
		if !math.IsNaN(y) {
			seen = append(seen, j)
			v.colN[j]++
		}
	}
	v.rowN[i] = len(seen)
	v.observed += len(seen)
	return seen, nil
}

// pick moves n random members of list, or all, to its front and returns them.
func pick(rng *rand.Rand, list []int, n int) []int {
	if n >= len(list) {
		return list
	}
	for k := range n {
		at := k + rng.IntN(len(list)-k)
		list[k], list[at] = list[at], list[k]
	}
	return list[:n]
}

// rescale makes the median magnitude of the probes, or the largest where the
// median is 0, a number between ½ and 1.
func (v *view) rescale() {
	size := make([]float64, len(v.probes))
	for k, p := range v.probes {
		size[k] = math.Abs(p.y)
		v.typical = math.Max(v.typical, size[k])
	}
	if m := tiles.Largest(size, (len(size)+1)/2); m > 0 {
		v.typical = m
	}
	if v.typical > 0 {
		_, e := math.Frexp(v.typical)
		v.unit = math.Ldexp(1, min(-e, 1000))
		v.typical *= v.unit
	}
	for k := range v.probes {
		v.probes[k].y *= v.unit
	}
}

// orderProbes lists the probes column by column, in one pass by counting.
func (v *view) orderProbes() {
	next := make([]int, v.d2+1)
	for _, p := range v.probes {
		next[p.j+1]++
	}
	for j := range v.d2 {
		next[j+1] += next[j]
	}
	v.byCol = make([]int32, len(v.probes))
	for at, p := range v.probes {
		v.byCol[next[p.j]] = int32(at)
		next[p.j]++
	}
}

// read sets dst, d2 numbers, to row i.
func (v *view) read(dst []float64, i int) {
	row := tiles.Row(v.m, dst, i, 0, v.d2)
	for j, y := range row {
		dst[j] = y * v.unit
	}
}

// part returns a view of at most n random rows and n random columns, in their
// order, and which columns they are; v itself where it has no more, or where
// nothing in the part is observed.
func (v *view) part(ctx context.Context, n int, seed uint64) (*view, []int, error) {
	if max(v.d1, v.d2) <= n {
		return v, nil, nil
	}
	rows := subset(lr.Stream(seed, "tune: rows"), v.d1, n)
	cols := subset(lr.Stream(seed, "tune: columns"), v.d2, n)
	m, buf := mat.NewDense(len(rows), len(cols), nil), make([]float64, v.d2)
	for a, i := range rows {
		row := tiles.Row(v.m, buf, i, 0, v.d2)
		for b, j := range cols {
			m.Set(a, b, row[j])
		}
	}
	sub, err := newView(ctx, m, seed)
	if errors.Is(err, lr.ErrEmpty) {
		return v, nil, nil
	}
	return sub, cols, err
}

// subset returns n random numbers below d, or all, ascending.
func subset(rng *rand.Rand, d, n int) []int {
	in := make([]bool, d)
	all := make([]int, d)
	for i := range all {
		all[i] = i
	}
	for _, i := range pick(rng, all, n) {
		in[i] = true
	}
	out := make([]int, 0, min(n, d))
	for i, yes := range in {
		if yes {
			out = append(out, i)
		}
	}
	return out
}

func canceled(ctx context.Context) error {
	return fmt.Errorf("tune: %w: %w", lr.ErrCanceled, context.Cause(ctx))
}
