package lowrankgo_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// few is [0 5 0; 0 0 0; -1 0 2], given out of order and with a 0.
func few(t testing.TB) *lr.Sparse {
	t.Helper()
	s, err := lr.NewSparse(3, 3, []int{2, 0, 2, 1}, []int{2, 1, 0, 1}, []float64{2, 5, -1, 0})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSparse(t *testing.T) {
	s := few(t)
	want := mat.NewDense(3, 3, []float64{0, 5, 0, 0, 0, 0, -1, 0, 2})
	if d1, d2 := s.Dims(); d1 != 3 || d2 != 3 || s.NNZ() != 3 {
		t.Fatalf("it is %d×%d with %d entries, want 3×3 with 3", d1, d2, s.NNZ())
	}
	if !mat.Equal(s, want) || !mat.Equal(s.T(), want.T()) || !mat.Equal(s.Dense(), want) {
		t.Errorf("it is\n%v\nwant\n%v", mat.Formatted(s), mat.Formatted(want))
	}
	if got := s.Norm(); math.Abs(got-math.Sqrt(30)) > 1e-15 {
		t.Errorf("norm %g, want √30", got)
	}
	rows, cols := s.Counts()
	if !slices.Equal(rows, []int{1, 0, 2}) || !slices.Equal(cols, []int{1, 1, 1}) {
		t.Errorf("counts %v and %v", rows, cols)
	}
	i, j, v := s.Triplets()
	if !slices.Equal(i, []int{0, 2, 2}) || !slices.Equal(j, []int{1, 0, 2}) || !slices.Equal(v, []float64{5, -1, 2}) {
		t.Errorf("triplets %v, %v, %v", i, j, v)
	}
	if v[0] = 7; s.Value[0] != 5 {
		t.Error("the triplets share memory with the matrix")
	}
	if c, v := s.Row(2); !slices.Equal(c, []int32{0, 2}) || !slices.Equal(v, []float64{-1, 2}) {
		t.Errorf("row 2 is %v, %v", c, v)
	}
	if got := s.String(); got != "sparse 3×3, 3 entries (33.3 %)" {
		t.Errorf("it prints as %q", got)
	}
}

// The norm of numbers whose squares overflow or vanish.
func TestSparseNormOfWildNumbers(t *testing.T) {
	for _, size := range []float64{1e300, 1e-300, 1} {
		s, err := lr.NewSparse(2, 2, []int{0, 1}, []int{0, 0}, []float64{3 * size, -4 * size})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Norm(); !(math.Abs(got-5*size) <= 1e-14*size) {
			t.Errorf("the norm of (3, −4)·%g is %g", size, got)
		}
	}
}

func TestSparseOfNothing(t *testing.T) {
	s, err := lr.NewSparse(2, 4, nil, nil, nil)
	if err != nil || s.NNZ() != 0 || s.Norm() != 0 || !mat.Equal(s, mat.NewDense(2, 4, nil)) {
		t.Errorf("no entries give %v, error %v", s, err)
	}
}

func TestSparseAtOutside(t *testing.T) {
	s := few(t)
	for _, at := range [][2]int{{-1, 0}, {3, 0}, {0, -1}, {0, 3}} {
		func() {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "lowrankgo: entry (") {
					t.Errorf("entry %v panics with %q", at, p)
				}
			}()
			s.At(at[0], at[1])
		}()
	}
}

func TestNewSparseRefuses(t *testing.T) {
	for _, c := range []struct {
		name       string
		d1, d2     int
		rows, cols []int
		values     []float64
		kind       error
		says       string
	}{
		{"no rows", 0, 3, nil, nil, nil, lr.ErrShape, "0×3"},
		{"no columns", 3, 0, nil, nil, nil, lr.ErrShape, "3×0"},
		{"fewer rows", 3, 3, []int{1}, []int{1, 2}, []float64{1, 2}, lr.ErrShape, "1 rows, 2 columns and 2 values"},
		{"fewer columns", 3, 3, []int{1, 2}, []int{1}, []float64{1, 2}, lr.ErrShape, "2 rows, 1 columns and 2 values"},
		{"row 3", 3, 3, []int{3}, []int{0}, []float64{1}, lr.ErrValue, "row 3, column 0"},
		{"row −1", 3, 3, []int{-1}, []int{0}, []float64{1}, lr.ErrValue, "row -1"},
		{"column 3", 3, 3, []int{0}, []int{3}, []float64{1}, lr.ErrValue, "column 3"},
		{"column −1", 3, 3, []int{0}, []int{-1}, []float64{1}, lr.ErrValue, "column -1"},
		{"a place outside with a 0", 3, 3, []int{0}, []int{9}, []float64{0}, lr.ErrValue, "column 9"},
		{"NaN", 3, 3, []int{0}, []int{0}, []float64{math.NaN()}, lr.ErrValue, "NaN"},
		{"Inf", 3, 3, []int{0}, []int{0}, []float64{math.Inf(-1)}, lr.ErrValue, "-Inf"},
		{"an entry twice", 3, 3, []int{1, 0, 1}, []int{2, 0, 2}, []float64{1, 2, 3}, lr.ErrValue, "row 1, column 2"},
	} {
		s, err := lr.NewSparse(c.d1, c.d2, c.rows, c.cols, c.values)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || s != nil {
			t.Errorf("%s: %v, error %v; want one that wraps %v and says %q", c.name, s, err, c.kind, c.says)
		}
	}
}

// Any matrix comes back from its triplets, in whatever order they are.
func TestSparseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 7).Draw(t, "d1"), rapid.IntRange(1, 7).Draw(t, "d2")
		m := mat.NewDense(d1, d2, nil)
		order := make([]int, d1*d2)
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		var rows, cols []int
		var values []float64
		for _, at := range order {
			i, j := at/d2, at%d2
			if rapid.Bool().Draw(t, "there") {
				v := rapid.Float64Range(-1e6, 1e6).Draw(t, "value")
				m.Set(i, j, v)
				rows, cols, values = append(rows, i), append(cols, j), append(values, v)
			}
		}
		s, err := lr.NewSparse(d1, d2, rows, cols, values)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(s, m) || !mat.Equal(s.Dense(), m) {
			t.Fatalf("%v became %v", mat.Formatted(m), mat.Formatted(s))
		}
		rows, cols, values = s.Triplets()
		again, err := lr.NewSparse(d1, d2, rows, cols, values)
		if err != nil || !slices.Equal(again.Col, s.Col) || !slices.Equal(again.RowFrom, s.RowFrom) || !slices.Equal(again.Value, s.Value) {
			t.Fatalf("triplets give %v, error %v, not %v", again, err, s)
		}
		if want := mat.Norm(m, 2); math.Abs(s.Norm()-want) > 1e-12*want {
			t.Fatalf("norm %g, want %g", s.Norm(), want)
		}
	})
}
