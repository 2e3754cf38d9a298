package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// The rules of robust PCA problems.

func (s problemSuite) split(t *testing.T) {
	split, _ := lr.SplitOf(s.p)
	d1, d2, _ := s.p.Dims()
	seen := 0
	overObserved(split, d1, func(i, j int, v float64) {
		if math.IsInf(v, 0) {
			t.Errorf("the data are %v in row %d, column %d", v, i, j)
		}
		if !math.IsNaN(v) {
			seen++
		} else if split.Truth != nil && split.Truth.At(i, j) != 0 {
			t.Errorf("S* is %g in row %d, column %d, where nothing is observed", split.Truth.At(i, j), i, j)
		}
	})
	if seen == 0 {
		t.Error("nothing is observed")
	}
	if split.Truth != nil {
		wellFormed(t, split.Truth, d1, d2)
	}
}

func (s problemSuite) sparsePart(t *testing.T) {
	e, _ := lr.SparsePartOf(s.p)
	d1, d2, _ := s.p.Dims()
	for where, x := range s.points() {
		part := e.SparsePart(x)
		wellFormed(t, part, d1, d2)
		if t.Failed() {
			t.Fatalf("at %s", where)
		}
		if part.NNZ() > 0 {
			keep := part.Value[0]
			part.Value[0] = math.NaN()
			if again := e.SparsePart(x); again.Value[0] != keep {
				t.Errorf("a change of the S that SparsePart gave at %s shows in the next", where)
			}
			part.Value[0] = keep
		}
		if full := e.Overfull(x); !(full >= 0 && full <= 1) {
			t.Errorf("Overfull is %g at %s; want a share from 0 to 1", full, where)
		}
		if split, ok := lr.SplitOf(s.p); ok {
			s.minimises(t, split, part, x, where)
		}
	}
}

// minimises holds S to the set and the objective to S.
func (s problemSuite) minimises(t *testing.T, split *lr.Split, part *lr.Sparse, x *lr.Factors, where string) {
	t.Helper()
	d1, d2, _ := s.p.Dims()
	inRow, inCol := make([]int, d1), make([]int, d2)
	var sum float64
	overObserved(split, d1, func(i, j int, v float64) {
		if math.IsNaN(v) {
			if part.At(i, j) != 0 {
				t.Errorf("S at %s is %g in row %d, column %d, where nothing is observed", where, part.At(i, j), i, j)
			}
			return
		}
		inRow[i]++
		inCol[j]++
		e := x.At(i, j) + part.At(i, j) - v
		sum += e * e
	})
	rows, cols := part.Counts()
	for i, n := range rows {
		if most := split.Set.Most(inRow[i]); n > most {
			t.Errorf("S at %s has %d entries in row %d, of which %d are observed; at most %d are wanted", where, n, i, inRow[i], most)
		}
	}
	for j, n := range cols {
		if most := split.Set.Most(inCol[j]); n > most {
			t.Errorf("S at %s has %d entries in column %d, of which %d are observed; at most %d are wanted", where, n, j, inCol[j], most)
		}
	}
	limit := split.Set.Filled().Cap
	for _, v := range part.Value {
		if math.Abs(v) > limit {
			t.Errorf("S at %s holds %g; at most %g in magnitude is wanted", where, v, limit)
		}
	}
	plain, _ := s.plain()
	near(t, "(Weight/2)‖M + S − Data‖² at "+where, 1e-11, one(split.Weight/2*sum), one(plain.NewEval().Grad(nil, x)))
}
