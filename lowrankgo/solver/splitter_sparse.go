package solver

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// sparseByRows makes a d1×d2 matrix of the nonzeros of its rows. finder returns
// what finds row i in dst, d2 numbers; it is called once for each goroutine's
// share of rows. NaN counts as 0.
func sparseByRows(d1, d2 int, finder func() func(dst []float64, i int)) *lr.Sparse {
	blocks := par.Blocks(d1, 32, 64)
	parts, counts := make([]lr.Sparse, blocks), make([]int, d1+1)
	par.New(func(b int) {
		lo, hi := par.Bounds(d1, blocks, b)
		row, find := make([]float64, d2), finder()
		for i := lo; i < hi; i++ {
			find(row, i)
			for j, v := range row {
				if v != 0 && v == v {
					parts[b].Col, parts[b].Value = append(parts[b].Col, int32(j)), append(parts[b].Value, v)
				}
			}
			counts[i+1] = len(parts[b].Col)
		}
	}).Run(blocks)
	s := &lr.Sparse{D1: d1, D2: d2, RowFrom: counts}
	for b, part := range parts {
		lo, hi := par.Bounds(d1, blocks, b)
		for i := lo; i < hi; i++ {
			s.RowFrom[i+1] += len(s.Col)
		}
		s.Col, s.Value = append(s.Col, part.Col...), append(s.Value, part.Value...)
	}
	return s
}

// outliers returns the entries of D − UVᵀ that are larger than zeta in size, in
// one pass over the data.
func outliers(data mat.Matrix, x *lr.Factors, zeta float64) *lr.Sparse {
	d1, d2 := data.Dims()
	vt := byColumns(x.V)
	return sparseByRows(d1, d2, func() func([]float64, int) {
		buf := make([]float64, d2)
		return func(dst []float64, i int) {
			copy(dst, tiles.Row(data, buf, i, 0, d2))
			tiles.Subtract(dst, x.U.RawRowView(i), vt, d2)
			for j, e := range dst {
				if math.Abs(e) <= zeta {
					dst[j] = 0
				}
			}
		}
	})
}
