package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// wellFormed holds a sparse matrix to its format.
func wellFormed(t *testing.T, s *lr.Sparse, d1, d2 int) {
	t.Helper()
	if s == nil {
		t.Error("the sparse part is nil")
		return
	}
	if r, c := s.Dims(); r != d1 || c != d2 || len(s.RowFrom) != d1+1 || len(s.Col) != len(s.Value) || s.RowFrom[0] != 0 || s.RowFrom[d1] != len(s.Value) {
		t.Errorf("the sparse part is %d×%d with %d limits of rows, %d columns and %d values; want %d×%d, %d limits from 0 to the number of values, and as many columns", r, c, len(s.RowFrom), len(s.Col), len(s.Value), d1, d2, d1+1)
		return
	}
	for i := range d1 {
		if s.RowFrom[i] > s.RowFrom[i+1] {
			t.Errorf("row %d of the sparse part ends before it begins", i)
			return
		}
		cols, values := s.Row(i)
		for e, j := range cols {
			switch {
			case j < 0 || int(j) >= d2 || e > 0 && cols[e-1] >= j:
				t.Errorf("row %d of the sparse part has the columns %v; want ascending ones below %d", i, cols, d2)
				return
			case values[e] == 0 || !finite(values[e]):
				t.Errorf("the sparse part holds %g in row %d, column %d; want finite numbers that are not 0", values[e], i, j)
				return
			}
		}
	}
}

// overObserved calls do for each entry of the data, with NaN where it is not
// observed.
func overObserved(split *lr.Split, d1 int, do func(i, j int, v float64)) {
	if split.Data != nil {
		r, c := split.Data.Dims()
		for i := range r {
			for j := range c {
				do(i, j, split.Data.At(i, j))
			}
		}
		return
	}
	p, d2 := split.Pattern, len(split.Pattern.ColFrom)-1
	for i := range d1 {
		e := p.RowFrom[i]
		for j := range d2 {
			v := math.NaN()
			if e < p.RowFrom[i+1] && int(p.Col[e]) == j {
				v = split.Values[e]
				e++
			}
			do(i, j, v)
		}
	}
}

// relativeResidual is ‖M + S − Data‖F/‖Data‖F over what is observed, scaled
// against overflow; 0 for data that are 0.
func relativeResidual(split *lr.Split, x *lr.Factors, s *lr.Sparse) float64 {
	var left, all []float64
	overObserved(split, s.D1, func(i, j int, v float64) {
		if !math.IsNaN(v) {
			left, all = append(left, x.At(i, j)+s.At(i, j)-v), append(all, v)
		}
	})
	size := length(all)
	if size == 0 {
		return 0
	}
	return length(left) / size
}

// length is the Euclidean norm, without overflow.
func length(x []float64) (n float64) {
	for _, v := range x {
		n = math.Hypot(n, v)
	}
	return n
}
