package operator

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Observed are entries of a matrix with their values: a mask, and its b.
type Observed struct {
	Mask   *Mask
	Values []float64 // in the mask's order

	// Which row and column of the matrix a name stands for; nil when entries
	// were given by index.
	RowNames, ColNames *Names
}

// NewObserved takes the entries of m that are not NaN as observed. A matrix with
// an infinite entry, or without any number, is an error.
func NewObserved(m mat.Matrix) (*Observed, error) {
	if m == nil {
		return nil, fmt.Errorf("operator: NewObserved was given no matrix (it is nil): %w", lr.ErrEmpty)
	}
	d1, d2 := m.Dims()
	if err := checkMaskShape(d1, d2); err != nil {
		return nil, err
	}
	b, o := newMaskBuilder(d1, d2, 0), &Observed{}
	for i := range d1 {
		for j := range d2 {
			v := m.At(i, j)
			if math.IsNaN(v) {
				continue
			}
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("operator: entry (%d, %d) is %v; entries must be finite, or NaN where they are not observed: %w", i, j, v, lr.ErrValue)
			}
			b.add(i, j)
			o.Values = append(o.Values, v)
		}
	}
	mask, err := b.checked()
	if err != nil {
		return nil, err
	}
	o.Mask = mask
	return o, nil
}

// Triplets lists entries of a matrix as (row, column, value), with rows and
// columns by index or by name, such as the users and items of ratings.
type Triplets struct {
	D1, D2 int // shape; default one more than the largest index, or as many as there are names

	Rows, Cols         []int    // indices, from 0
	RowNames, ColNames []string // or names, which are numbered in order of appearance
	Values             []float64

	Average bool // entries given more than once count with the mean of their values; default: they are an error
}

// New sorts the entries by counting, O(|Ω| + D1 + D2). Rows by index and columns
// by name, or the reverse, may be mixed. Lists of different lengths, values that
// are not finite, indices outside the matrix, more names than D1 or D2, and
// duplicates unless Average, are errors.
func (t Triplets) New() (*Observed, error) {
	if len(t.Values) == 0 {
		return nil, fmt.Errorf("operator: Triplets has no values; at least one entry is wanted: %w", lr.ErrEmpty)
	}
	o := &Observed{}
	var err error
	if t.Rows, o.RowNames, err = index("row", t.Rows, t.RowNames, &t.D1); err != nil {
		return nil, err
	}
	if t.Cols, o.ColNames, err = index("column", t.Cols, t.ColNames, &t.D2); err != nil {
		return nil, err
	}
	if len(t.Values) != len(t.Rows) {
		return nil, fmt.Errorf("operator: Triplets has %d values and %d rows; there must be as many: %w", len(t.Values), len(t.Rows), lr.ErrShape)
	}
	if err := checkIndices(t.D1, t.D2, t.Rows, t.Cols); err != nil {
		return nil, err
	}
	for k, v := range t.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("operator: value %d, at (%d, %d), is %v; values must be finite: %w", k, t.Rows[k], t.Cols[k], v, lr.ErrValue)
		}
	}
	if t.Average {
		o.Mask, o.Values = t.averaged()
		return o, nil
	}
	mask, order, err := NewMask(t.D1, t.D2, t.Rows, t.Cols)
	if err != nil {
		return nil, err
	}
	o.Mask, o.Values = mask, make([]float64, len(order))
	for e, k := range order {
		o.Values[e] = t.Values[k]
	}
	return o, nil
}

// averaged adds up the values of each place, in the order they are given.
func (t Triplets) averaged() (*Mask, []float64) {
	b := newMaskBuilder(t.D1, t.D2, 0)
	var values []float64
	order := rowMajor(t.D1, t.D2, t.Rows, t.Cols)
	for len(order) > 0 {
		i, j, n, sum := t.Rows[order[0]], t.Cols[order[0]], 0, 0.0
		for n < len(order) && t.Rows[order[n]] == i && t.Cols[order[n]] == j {
			sum += t.Values[order[n]]
			n++
		}
		b.add(i, j)
		values = append(values, sum/float64(n))
		order = order[n:]
	}
	return b.mask(), values
}

// index returns one side's indices, from its names if it has them, and sets d
// to its default.
func index(side string, at []int, names []string, d *int) ([]int, *Names, error) {
	if names == nil {
		if *d == 0 {
			for _, i := range at {
				*d = max(*d, i+1)
			}
		}
		return at, nil, nil
	}
	if at != nil {
		return nil, nil, fmt.Errorf("operator: Triplets has %d %s indices and %d %s names; one of the two is wanted: %w", len(at), side, len(names), side, lr.ErrValue)
	}
	n, at := NewNames(names)
	if *d == 0 {
		*d = n.Len()
	}
	if n.Len() > *d {
		return nil, nil, fmt.Errorf("operator: Triplets has %d different %s names for %d %ss: %w", n.Len(), side, *d, side, lr.ErrShape)
	}
	return at, n, nil
}

// Names numbers the rows or the columns of a matrix that are known by name. It
// is immutable.
type Names struct {
	names []string
	index map[string]int
}

// NewNames numbers the different names of a list from 0, in order of
// appearance. It also returns the number of each item of the list.
func NewNames(list []string) (*Names, []int) {
	n, at := &Names{index: map[string]int{}}, make([]int, len(list))
	for k, name := range list {
		i, known := n.index[name]
		if !known {
			i = len(n.names)
			n.index[name] = i
			n.names = append(n.names, name)
		}
		at[k] = i
	}
	return n, at
}

// Len returns how many names there are.
func (n *Names) Len() int { return len(n.names) }

// Name returns the name of row or column i, 0 ≤ i < Len; it panics elsewhere.
func (n *Names) Name(i int) string { return n.names[i] }

// Index returns the number of a name, and whether it is known.
func (n *Names) Index(name string) (i int, known bool) {
	i, known = n.index[name]
	return i, known
}

// All returns a copy of the names, by number.
func (n *Names) All() []string { return append([]string(nil), n.names...) }
