package tune

import (
	"context"
	"math"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestView holds a view against its matrix, entry by entry.
func TestView(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planted{
			d1: rapid.IntRange(1, 150).Draw(t, "d1"), d2: rapid.IntRange(1, 150).Draw(t, "d2"), rank: 1,
			missing: rapid.Float64Range(0, 0.9).Draw(t, "missing"), seed: rapid.Uint64().Draw(t, "seed"),
		}
		y, _, _ := p.draw()
		y.Scale(math.Pow(10, rapid.Float64Range(-200, 200).Draw(t, "magnitude")), y)
		v, err := newView(context.Background(), y, 1)
		if err != nil {
			t.Skip("nothing observed")
		}
		rowN, colN := make([]int, p.d1), make([]int, p.d2)
		row := make([]float64, p.d2)
		observed := 0
		for i := range p.d1 {
			v.read(row, i)
			for j, got := range row {
				want := y.At(i, j)
				if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && got/v.unit != want {
					t.Fatalf("entry (%d, %d) is read as %g, want %g of %g", i, j, got, v.unit, want)
				}
				if !math.IsNaN(want) {
					rowN[i]++
					colN[j]++
					observed++
				}
			}
		}
		if v.observed != observed || !slices.Equal(v.rowN, rowN) || !slices.Equal(v.colN, colN) {
			t.Fatalf("%d observed, rows %v, columns %v; want %d, %v, %v", v.observed, v.rowN, v.colN, observed, rowN, colN)
		}
		if m, _ := math.Frexp(v.unit); m != 0.5 || !(v.typical >= 0.5 && v.typical < 1) {
			t.Fatalf("the unit is %g and a typical entry then %g", v.unit, v.typical)
		}
		checkProbes(t, v, y)
	})
}

func checkProbes(t *rapid.T, v *view, y *mat.Dense) {
	seen := map[[2]int32]bool{}
	for k, p := range v.probes {
		if seen[[2]int32{p.i, p.j}] || p.y != y.At(int(p.i), int(p.j))*v.unit {
			t.Fatalf("probe %d is %+v, twice or wrong", k, p)
		}
		seen[[2]int32{p.i, p.j}] = true
		if k > 0 && p.i < v.probes[k-1].i {
			t.Fatal("the probes are not row by row")
		}
	}
	if want := min(v.observed, probes); len(v.probes) < want {
		t.Fatalf("%d probes of %d observed entries, want at least %d", len(v.probes), v.observed, want)
	}
	at := slices.Clone(v.byCol)
	for k := 1; k < len(at); k++ {
		if a, b := v.probes[at[k-1]], v.probes[at[k]]; a.j > b.j || a.j == b.j && a.i >= b.i {
			t.Fatal("the probes are not column by column")
		}
	}
	slices.Sort(at)
	for k, p := range at {
		if int(p) != k {
			t.Fatalf("probe %d is listed more or less than once", k)
		}
	}
}

// TestProbesOfLines: each row has so many, and about so many each column, also
// where the shape is far from square.
func TestProbesOfLines(t *testing.T) {
	for _, d := range [][2]int{{3000, 70}, {70, 3000}, {2000, 2000}} {
		y := mat.NewDense(d[0], d[1], nil)
		v, err := newView(context.Background(), y, 1)
		if err != nil {
			t.Fatal(err)
		}
		rows, cols := make([]int, d[0]), make([]int, d[1])
		for _, p := range v.probes {
			rows[p.i]++
			cols[p.j]++
		}
		if r, c := slices.Min(rows), slices.Min(cols); r < perLine || c < perLine/3 {
			t.Errorf("%v: %d probes, at least %d a row and %d a column", d, len(v.probes), r, c)
		}
	}
}

func TestSubset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := rapid.IntRange(1, 60).Draw(t, "d"), rapid.IntRange(0, 70).Draw(t, "n")
		got := subset(lr.Stream(rapid.Uint64().Draw(t, "seed"), "test"), d, n)
		if len(got) != min(n, d) || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("%d of %d: %v", n, d, got)
		}
		for _, i := range got {
			if i < 0 || i >= d {
				t.Fatalf("%d of %d: %v", n, d, got)
			}
		}
	})
	hits := make([]int, 10)
	for seed := range uint64(2000) {
		for _, i := range subset(lr.Stream(seed, "test"), 10, 3) {
			hits[i]++
		}
	}
	for i, n := range hits {
		if n < 500 || n > 700 { // 600, five standard deviations
			t.Errorf("%d was chosen %d times of 2000, want about 600", i, n)
		}
	}
}
