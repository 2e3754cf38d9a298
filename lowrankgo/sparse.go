package lowrankgo

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Sparse is a d1×d2 matrix held by the entries that are not 0, row by row
// (CSR): those of row i are Col and Value at RowFrom[i] … RowFrom[i+1]−1,
// columns ascending. It takes 12 bytes an entry and 8 a row.
//
// *Sparse is a [mat.Matrix], so that it can be given to gonum; At searches its
// row.
type Sparse struct {
	D1, D2  int
	RowFrom []int // D1+1 numbers
	Col     []int32
	Value   []float64
}

// NewSparse makes a matrix of its entries in any order: Value[e] in row rows[e]
// and column cols[e], from 0. Entries that are 0 are left out. Indices out of
// range, an entry that is given twice, and values that are not finite are
// errors. It costs a sort.
func NewSparse(d1, d2 int, rows, cols []int, values []float64) (*Sparse, error) {
	if d1 < 1 || d2 < 1 || d2 > math.MaxInt32 {
		return nil, fmt.Errorf("lowrankgo: a sparse matrix of %d×%d is wanted; both sides must be at least 1 and the second below 2³¹: %w", d1, d2, ErrShape)
	}
	if len(rows) != len(values) || len(cols) != len(values) {
		return nil, fmt.Errorf("lowrankgo: a sparse matrix was given %d rows, %d columns and %d values; as many of each are wanted: %w", len(rows), len(cols), len(values), ErrShape)
	}
	order := make([]int, 0, len(values))
	for e, v := range values {
		i, j := rows[e], cols[e]
		switch {
		case i < 0 || i >= d1 || j < 0 || j >= d2:
			return nil, fmt.Errorf("lowrankgo: entry %d of a sparse matrix is in row %d, column %d; 0 … %d and 0 … %d are there: %w", e, i, j, d1-1, d2-1, ErrValue)
		case !finite(v):
			return nil, fmt.Errorf("lowrankgo: entry %d of a sparse matrix is %v; a finite number is wanted: %w", e, v, ErrValue)
		case v != 0:
			order = append(order, e)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		if rows[a] != rows[b] {
			return rows[a] - rows[b]
		}
		return cols[a] - cols[b]
	})
	s := &Sparse{D1: d1, D2: d2, RowFrom: make([]int, d1+1), Col: make([]int32, len(order)), Value: make([]float64, len(order))}
	for k, e := range order {
		if k > 0 && rows[order[k-1]] == rows[e] && cols[order[k-1]] == cols[e] {
			return nil, fmt.Errorf("lowrankgo: the entry in row %d, column %d of a sparse matrix is given twice: %w", rows[e], cols[e], ErrValue)
		}
		s.Col[k], s.Value[k] = int32(cols[e]), values[e]
		s.RowFrom[rows[e]+1]++
	}
	for i := range d1 {
		s.RowFrom[i+1] += s.RowFrom[i]
	}
	return s, nil
}

// Dims returns the shape.
func (s *Sparse) Dims() (d1, d2 int) { return s.D1, s.D2 }

// NNZ is the number of entries held.
func (s *Sparse) NNZ() int { return len(s.Value) }

// Row returns the columns and values of row i, sharing s's memory.
func (s *Sparse) Row(i int) (cols []int32, values []float64) {
	from, to := s.RowFrom[i], s.RowFrom[i+1]
	return s.Col[from:to], s.Value[from:to]
}

// At returns entry (i, j) in the logarithm of its row's length.
func (s *Sparse) At(i, j int) float64 {
	if i < 0 || i >= s.D1 || j < 0 || j >= s.D2 {
		panic(fmt.Sprintf("lowrankgo: entry (%d, %d) of a %d×%d sparse matrix was asked for", i, j, s.D1, s.D2))
	}
	cols, values := s.Row(i)
	if at, ok := slices.BinarySearch(cols, int32(j)); ok {
		return values[at]
	}
	return 0
}

// T returns the transpose, sharing s's memory.
func (s *Sparse) T() mat.Matrix { return mat.Transpose{Matrix: s} }

// Dense returns s as a new whole matrix of d1·d2 numbers.
func (s *Sparse) Dense() *mat.Dense {
	m := mat.NewDense(s.D1, s.D2, nil)
	for i := range s.D1 {
		row := m.RawRowView(i)
		cols, values := s.Row(i)
		for e, j := range cols {
			row[j] = values[e]
		}
	}
	return m
}

// Triplets returns the row, the column and the value of each entry, row by
// row, in memory of their own.
func (s *Sparse) Triplets() (rows, cols []int, values []float64) {
	rows, cols = make([]int, 0, s.NNZ()), make([]int, 0, s.NNZ())
	for i := range s.D1 {
		c, _ := s.Row(i)
		for _, j := range c {
			rows, cols = append(rows, i), append(cols, int(j))
		}
	}
	return rows, cols, slices.Clone(s.Value)
}

// Counts returns how many entries each row and each column holds.
func (s *Sparse) Counts() (rows, cols []int) {
	rows, cols = make([]int, s.D1), make([]int, s.D2)
	for i := range s.D1 {
		rows[i] = s.RowFrom[i+1] - s.RowFrom[i]
	}
	for _, j := range s.Col {
		cols[j]++
	}
	return rows, cols
}

// Norm is the Frobenius norm. Squares that overflow or vanish do it no harm.
func (s *Sparse) Norm() float64 { return floats.Norm(s.Value, 2) }

// String says the shape and how much of it is not 0.
func (s *Sparse) String() string {
	return fmt.Sprintf("sparse %d×%d, %d entries (%.3g %%)", s.D1, s.D2, s.NNZ(), 100*float64(s.NNZ())/float64(s.D1)/float64(s.D2))
}
