package sparse

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// project is Project for tests.
func project(t testing.TB, x mat.Matrix, set lr.SparseSet, rule Rule) *lr.Sparse {
	t.Helper()
	s, err := Project(context.Background(), x, set, rule)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// place is an entry of a matrix.
type place struct{ i, j int }

// observed counts the entries of each line that are not NaN, and lists those
// that are not 0 either from the largest down.
func observed(x mat.Matrix) (rows, cols []int, all []place) {
	d1, d2 := x.Dims()
	size := mat.NewDense(d1, d2, nil)
	rows, cols = make([]int, d1), make([]int, d2)
	for i := range d1 {
		for j := range d2 {
			if v := x.At(i, j); !math.IsNaN(v) {
				size.Set(i, j, math.Abs(v))
				rows[i]++
				cols[j]++
				if v != 0 {
					all = append(all, place{i, j})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(size.At(b.i, b.j), size.At(a.i, a.j)) })
	return rows, cols, all
}

// naive is the projection by Threshold or Greedy, by sorting all entries: they
// differ in whether an entry that cannot be kept takes its place in a line.
func naive(x mat.Matrix, set lr.SparseSet, rule Rule) *mat.Dense {
	d1, d2 := x.Dims()
	s := mat.NewDense(d1, d2, nil)
	rows, cols, all := observed(x)
	for i := range rows {
		rows[i] = set.Most(rows[i])
	}
	for j := range cols {
		cols[j] = set.Most(cols[j])
	}
	limit := set.Filled().Cap
	for _, p := range all {
		inRow, inCol := rows[p.i] > 0, cols[p.j] > 0
		if inRow && inCol {
			s.Set(p.i, p.j, math.Max(-limit, math.Min(limit, x.At(p.i, p.j))))
		}
		if inRow && (inCol || rule == Threshold) {
			rows[p.i]--
		}
		if inCol && (inRow || rule == Threshold) {
			cols[p.j]--
		}
	}
	return s
}

// checkMember holds s against the set, and its entries against x.
func checkMember(t fataler, x mat.Matrix, s *lr.Sparse, set lr.SparseSet) {
	t.Helper()
	d1, d2 := x.Dims()
	if s.D1 != d1 || s.D2 != d2 || len(s.RowFrom) != d1+1 || s.RowFrom[0] != 0 || s.RowFrom[d1] != len(s.Col) || len(s.Col) != len(s.Value) {
		t.Fatalf("the projection of a %d×%d matrix is %d×%d with %d places of rows, %d columns and %d values", d1, d2, s.D1, s.D2, len(s.RowFrom), len(s.Col), len(s.Value))
	}
	rows, cols, _ := observed(x)
	inRow, inCol := s.Counts()
	for i, n := range inRow {
		if most := set.Most(rows[i]); n > most {
			t.Fatalf("row %d has %d entries and may have %d of %d", i, n, most, rows[i])
		}
		at, values := s.Row(i)
		for e, j := range at {
			v, limit := x.At(i, int(j)), set.Filled().Cap
			if want := math.Max(-limit, math.Min(limit, v)); v == 0 || values[e] != want || (e > 0 && at[e-1] >= j) {
				t.Fatalf("entry (%d, %d) of S is %v, place %d of its row; the matrix has %v and the cap is %v", i, j, values[e], e, v, limit)
			}
		}
	}
	for j, n := range inCol {
		if most := set.Most(cols[j]); n > most {
			t.Fatalf("column %d has %d entries and may have %d of %d", j, n, most, cols[j])
		}
	}
}

// checkFull fails when an entry could be added to s.
func checkFull(t fataler, x mat.Matrix, s *lr.Sparse, set lr.SparseSet) {
	t.Helper()
	rows, cols, all := observed(x)
	inRow, inCol := s.Counts()
	for _, p := range all {
		if s.At(p.i, p.j) == 0 && inRow[p.i] < set.Most(rows[p.i]) && inCol[p.j] < set.Most(cols[p.j]) {
			t.Fatalf("entry (%d, %d), %v, fits into both its lines and is not in S", p.i, p.j, x.At(p.i, p.j))
		}
	}
}

// matrices are the families that are projected in tests.
func matrices(rng *rand.Rand, d1, d2 int) map[string]*mat.Dense {
	fill := func(f func(i, j int) float64) *mat.Dense {
		x := mat.NewDense(d1, d2, nil)
		x.Apply(func(i, j int, _ float64) float64 { return f(i, j) }, x)
		return x
	}
	return map[string]*mat.Dense{
		"normal":     fill(func(int, int) float64 { return rng.NormFloat64() }),
		"heavy":      fill(func(int, int) float64 { return math.Exp(20*rng.NormFloat64()) * float64(1-2*rng.IntN(2)) }),
		"integers":   fill(func(int, int) float64 { return float64(rng.IntN(7) - 3) }),
		"constant":   fill(func(int, int) float64 { return -2 }),
		"zero":       fill(func(int, int) float64 { return 0 }),
		"missing":    fill(func(int, int) float64 { return math.NaN() }),
		"sparse":     fill(func(int, int) float64 { return math.Floor(rng.Float64()*1.2) * rng.NormFloat64() }),
		"gaps":       fill(func(int, int) float64 { return rng.NormFloat64() * math.Sqrt(rng.Float64()-.4) }),
		"huge":       fill(func(int, int) float64 { return rng.NormFloat64() * 1e300 }),
		"tiny":       fill(func(int, int) float64 { return rng.NormFloat64() * 1e-310 }),
		"one column": fill(func(_, j int) float64 { return 1e-3*rng.NormFloat64() + 5*math.Floor(1/float64(1+j)) }),
	}
}
