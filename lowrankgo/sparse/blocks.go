package sparse

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// ProjectBlocks projects each block of columns of x by itself: the first
// widths[0] columns, the next widths[1], and so on, each onto the set of its
// own shape. It is what owners of some columns each can do without a word
// between them, and it is another set than that of [Project]: a row may have
// ⌊γα·w⌋ entries in each block of w columns, instead of ⌊γα·d2⌋ anywhere. The
// caps of columns are the same.
//
// The result is a member of the set of the whole matrix, since the caps of the
// blocks add up to at most that of the whole, but in general not the nearest
// one: where the large entries of a row are in one block, as an object that
// stays with one camera, they do not fit there while other blocks have room.
// The gain of [Exact] by blocks is therefore at most that of the whole. To know
// it to be recovered, S* must have at most an α-fraction of nonzeros in each
// row of each block.
//
// Beside the errors of Project: widths that are not positive or do not add up
// to d2, and blocks so narrow that γα allows no entry in a row.
func ProjectBlocks(ctx context.Context, x mat.Matrix, set lr.SparseSet, widths []int, rule Rule) (*lr.Sparse, error) {
	if err := checkMatrix(x); err != nil {
		return nil, err
	}
	d1, d2 := x.Dims()
	if err := checkWidths(widths, d2); err != nil {
		return nil, err
	}
	parts, from := make([]*lr.Sparse, len(widths)), 0
	for b, w := range widths {
		part, err := Project(ctx, window{x, from, w}, set, rule)
		if err != nil {
			return nil, fmt.Errorf("block %d, columns %d … %d: %w", b, from, from+w-1, err)
		}
		parts[b] = part
		from += w
	}
	return joined(parts, d1, d2), nil
}

func checkWidths(widths []int, d2 int) error {
	sum := 0
	for b, w := range widths {
		if w < 1 {
			return fmt.Errorf("sparse: block %d is %d columns wide; at least 1 is wanted: %w", b, w, lr.ErrShape)
		}
		sum += w
	}
	if sum != d2 {
		return fmt.Errorf("sparse: %d blocks have %d columns together, and the matrix has %d: %w", len(widths), sum, d2, lr.ErrShape)
	}
	return nil
}

// joined puts matrices of d1 rows side by side.
func joined(parts []*lr.Sparse, d1, d2 int) *lr.Sparse {
	s := &lr.Sparse{D1: d1, D2: d2, RowFrom: make([]int, d1+1)}
	for i := range d1 {
		from := 0
		for _, p := range parts {
			cols, values := p.Row(i)
			for _, j := range cols {
				s.Col = append(s.Col, int32(from)+j)
			}
			s.Value = append(s.Value, values...)
			from += p.D2
		}
		s.RowFrom[i+1] = len(s.Col)
	}
	return s
}

// window is some columns of a matrix.
type window struct {
	x     mat.Matrix
	j0, n int
}

var _ tiles.Reader = window{}

func (w window) Dims() (d1, d2 int)               { d1, _ = w.x.Dims(); return d1, w.n }
func (w window) At(i, j int) float64              { return w.x.At(i, w.j0+j) }
func (w window) T() mat.Matrix                    { return mat.Transpose{Matrix: w} }
func (w window) ReadCol(dst []float64, j, i0 int) { tiles.Col(w.x, dst, w.j0+j, i0) }
func (w window) ReadRow(dst []float64, i, j0 int) {
	if row := tiles.Row(w.x, dst, i, w.j0+j0, w.j0+j0+len(dst)); &row[0] != &dst[0] {
		copy(dst, row)
	}
}
