package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// BlockRobustPCA is robust PCA with a set S_γα of its own for each block of
// columns, such as a node of a network holds,
//
//	Σⱼ min_{Sⱼ ∈ S_γα} ½‖U·Vⱼᵀ + Sⱼ − Dataⱼ‖²,  Data = [Data1, …, DataJ]
//
// a [Separable] of problems by [RobustPCA], as [L](II.3). It is another problem
// than RobustPCA of the whole, which is not separable, since its caps on rows
// span the blocks: here a row may have ⌊γα·mⱼ⌋ nonzeros in block j, of mⱼ
// columns, and no more though other blocks have none.
type BlockRobustPCA struct {
	Data   mat.Matrix     // d1×d2, NaN where not observed; not copied: it must not change
	Mask   *operator.Mask // which entries are observed, instead of Data
	Values []float64      // and their values, in its order; copied
	Widths []int          // columns of each block, left to right; together d2

	Rank       int         // columns of the factors
	Alpha      float64     // α: share of a row of a block, or of a column, that may be grossly wrong
	Gamma      float64     // γ ≥ 1: slack; default 1
	Cap        float64     // largest |S_ij|; default none
	Projection sparse.Rule // see [RobustPCA]

	Truth       *lr.Factors // M* where it is known, of any rank; copied
	TruthSparse *lr.Sparse  // S* where it is known
}

// New returns the sum of the problems of the blocks. Beside the errors of
// [RobustPCA] for a block, which name it, Widths that are none, not positive or
// not d2 together, and a rank above min(d1, d2), are errors; a block may have
// fewer columns than the rank. Each block must have room for an entry of S in its
// rows: γα·mⱼ ≥ 1.
func (c BlockRobustPCA) New() (*Stacked, error) {
	d1, d2, err := c.shape()
	if err != nil {
		return nil, err
	}
	if err := checkRank("BlockRobustPCA", d1, d2, c.Rank, false); err != nil {
		return nil, err
	}
	if t := c.TruthSparse; t != nil && (t.D1 != d1 || t.D2 != d2) {
		return nil, fmt.Errorf("problem: BlockRobustPCA is %d×%d but its TruthSparse is %d×%d: %w", d1, d2, t.D1, t.D2, lr.ErrShape)
	}
	if c.Truth != nil {
		if err := checkTruth("BlockRobustPCA", c.Truth, d1, d2); err != nil {
			return nil, err
		}
	}
	parts, from := make([]lr.Problem, len(c.Widths)), 0
	for j, m := range c.Widths {
		p, err := c.block(from, from+m, min(d1, m))
		if err != nil {
			return nil, fmt.Errorf("problem: block %d of BlockRobustPCA, columns %d … %d: %w", j, from, from+m-1, err)
		}
		parts[j] = p
		from += m
	}
	return Separable{Parts: parts, Truth: c.Truth}.New()
}

// shape checks that there are data and that the blocks are theirs.
func (c *BlockRobustPCA) shape() (d1, d2 int, err error) {
	switch {
	case c.Mask != nil && c.Data != nil:
		return 0, 0, fmt.Errorf("problem: BlockRobustPCA has Data and also a Mask; one of the two is wanted: %w", lr.ErrValue)
	case c.Mask != nil:
		n := 0
		d1, d2, n = c.Mask.Dims()
		if err := checkMeasurements("BlockRobustPCA", c.Values, n); err != nil {
			return 0, 0, err
		}
	case isNilMatrix(c.Data):
		return 0, 0, fmt.Errorf("problem: BlockRobustPCA has no Data (it is nil) and no Mask with Values; a d1×d2 matrix is wanted: %w", lr.ErrEmpty)
	default:
		d1, d2 = c.Data.Dims()
	}
	sum := 0
	for j, m := range c.Widths {
		if m < 1 {
			return 0, 0, fmt.Errorf("problem: block %d of BlockRobustPCA has %d columns; at least 1 is wanted: %w", j, m, lr.ErrShape)
		}
		sum += m
	}
	if sum != d2 {
		return 0, 0, fmt.Errorf("problem: the %d Widths of BlockRobustPCA are %d columns together; the data have %d: %w", len(c.Widths), sum, d2, lr.ErrShape)
	}
	return d1, d2, nil
}

// block is robust PCA of columns lo … hi−1; its own check of the rank is left to
// the whole.
func (c *BlockRobustPCA) block(lo, hi, most int) (*Split, error) {
	p := RobustPCA{Rank: min(c.Rank, most), Alpha: c.Alpha, Gamma: c.Gamma, Cap: c.Cap, Projection: c.Projection}
	if c.Mask != nil {
		mask, values, err := columnsOf(c.Mask, c.Values, lo, hi)
		if err != nil {
			return nil, err
		}
		p.Mask, p.Values = mask, values
	} else {
		p.Data = &window{c.Data, lo, hi}
		if d, ok := c.Data.(*mat.Dense); ok {
			p.Data = d.Slice(0, d.RawMatrix().Rows, lo, hi)
		}
	}
	if c.Truth != nil {
		v := c.Truth.Right().Slice(lo, hi, 0, c.Truth.Rank()).(*mat.Dense)
		p.Truth = &lr.Factors{U: c.Truth.U, V: v}
	}
	if c.TruthSparse != nil {
		p.TruthSparse = sparseColumns(c.TruthSparse, lo, hi)
	}
	s, err := p.New()
	if err != nil {
		return nil, err
	}
	s.rank = c.Rank
	return s, nil
}

// columnsOf is the part of listed entries in columns lo … hi−1.
func columnsOf(mask *operator.Mask, values []float64, lo, hi int) (*operator.Mask, []float64, error) {
	d1, _, _ := mask.Dims()
	p := mask.Pattern()
	var rows, cols []int
	var inside []float64
	for i := range d1 {
		for e := p.RowFrom[i]; e < p.RowFrom[i+1]; e++ {
			if j := int(p.Col[e]); j >= lo && j < hi {
				rows, cols, inside = append(rows, i), append(cols, j-lo), append(inside, values[e])
			}
		}
	}
	m, _, err := operator.NewMask(d1, hi-lo, rows, cols) // row-major already
	return m, inside, err
}

// sparseColumns is the part of s in columns lo … hi−1.
func sparseColumns(s *lr.Sparse, lo, hi int) *lr.Sparse {
	out := &lr.Sparse{D1: s.D1, D2: hi - lo, RowFrom: make([]int, s.D1+1)}
	for i := range s.D1 {
		cols, values := s.Row(i)
		for e, j := range cols {
			if int(j) >= lo && int(j) < hi {
				out.Col, out.Value = append(out.Col, j-int32(lo)), append(out.Value, values[e])
			}
		}
		out.RowFrom[i+1] = len(out.Col)
	}
	return out
}

// window is some columns of a matrix that computes its entries.
type window struct {
	of     mat.Matrix
	lo, hi int
}

// Dims returns the shape.
func (w *window) Dims() (d1, d2 int) {
	d1, _ = w.of.Dims()
	return d1, w.hi - w.lo
}

// At reads one entry.
func (w *window) At(i, j int) float64 { return w.of.At(i, w.lo+j) }

// T returns the transpose.
func (w *window) T() mat.Matrix { return mat.Transpose{Matrix: w} }

// ReadRow reads a part of row i.
func (w *window) ReadRow(dst []float64, i, j0 int) {
	copy(dst, tiles.Row(w.of, dst, i, w.lo+j0, w.lo+j0+len(dst)))
}

// ReadCol reads a part of column j.
func (w *window) ReadCol(dst []float64, j, i0 int) { tiles.Col(w.of, dst, w.lo+j, i0) }
