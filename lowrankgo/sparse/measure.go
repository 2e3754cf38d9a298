package sparse

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Gain is by how much s comes nearer to x than 0 does,
//
//	‖x‖F² − ‖x − s‖F² = Σ_ij s_ij(2x_ij − s_ij)
//
// over the entries of x that are not NaN: what [Project] maximises. It costs as
// much as s has entries. It overflows where x² does. It panics when x and s
// have different shapes.
func Gain(x mat.Matrix, s *lr.Sparse) float64 {
	checkSame(x, s)
	sum := 0.0
	for i := range s.D1 {
		cols, values := s.Row(i)
		for e, j := range cols {
			if v := x.At(i, int(j)); v == v {
				sum += float64(values[e] * (2*v - values[e]))
			}
		}
	}
	return sum
}

// Distance is ‖x − s‖F over the entries of x that are not NaN. It reads x once
// and does not overflow where the result does not. It panics when x and s have
// different shapes.
func Distance(x mat.Matrix, s *lr.Sparse) float64 {
	checkSame(x, s)
	buf, left, sum := make([]float64, s.D2), make([]float64, s.D2), 0.0
	for i := range s.D1 {
		copy(left, tiles.Row(x, buf, i, 0, s.D2))
		cols, values := s.Row(i)
		for e, j := range cols {
			left[j] -= values[e]
		}
		for j, v := range left {
			if v != v {
				left[j] = 0
			}
		}
		sum = math.Hypot(sum, floats.Norm(left, 2))
	}
	return sum
}

func checkSame(x mat.Matrix, s *lr.Sparse) {
	if r, c := x.Dims(); r != s.D1 || c != s.D2 {
		panic(fmt.Sprintf("sparse: a %d×%d matrix is compared with a sparse one of %d×%d", r, c, s.D1, s.D2))
	}
}
