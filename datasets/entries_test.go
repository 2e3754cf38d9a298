package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

var nan = math.NaN()

func small() *mat.Dense {
	return mat.NewDense(3, 4, []float64{
		1, nan, 3, nan,
		5, 6, nan, nan,
		nan, 10, 11, nan,
	})
}

func TestObserved(t *testing.T) {
	e := Observed(small())
	want := Entries{
		D1: 3, D2: 4,
		Rows: []int{0, 0, 1, 1, 2, 2}, Cols: []int{0, 2, 0, 1, 1, 2}, Values: []float64{1, 3, 5, 6, 10, 11},
	}
	if fmt.Sprintf("%#v", e) != fmt.Sprintf("%#v", want) {
		t.Errorf("got %#v\nwant %#v", e, want)
	}
	if e.Len() != 6 || e.String() != "6 entries of a 3×4 matrix" {
		t.Errorf("Len is %d, String %q", e.Len(), e)
	}
	back, err := e.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(back.RawMatrix().Data) != fmt.Sprint(small().RawMatrix().Data) {
		t.Errorf("Matrix gives %v", back.RawMatrix().Data)
	}
}

// Both parts together are what was split, each in its order.
func TestSplitIsAPartition(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 50 {
		d1, d2 := 2+rng.IntN(20), 2+rng.IntN(20)
		m := mat.NewDense(d1, d2, nil)
		for i := range d1 {
			for j := range d2 {
				m.Set(i, j, rng.NormFloat64())
			}
		}
		all := Observed(m)
		share := 0.3 + 0.4*rng.Float64()
		rest, part, err := all.Split(share, rng.Uint64())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if want := int(math.Round(share * float64(d1*d2))); part.Len() != want || rest.Len()+part.Len() != d1*d2 {
			t.Fatalf("seed %d: %d and %d entries; want %d in part of %d", seed, rest.Len(), part.Len(), want, d1*d2)
		}
		seen := map[[2]int]bool{}
		for _, e := range []Entries{rest, part} {
			last := -1
			for k, v := range e.Values {
				i, j := e.Rows[k], e.Cols[k]
				if seen[[2]int{i, j}] || v != m.At(i, j) || i*d2+j <= last {
					t.Fatalf("seed %d: entry %d, (%d, %d) = %v, comes twice, is wrong or out of order", seed, k, i, j, v)
				}
				seen[[2]int{i, j}], last = true, i*d2+j
			}
		}
	}
}

func TestSplitIsRandomAndReproducible(t *testing.T) {
	all := Observed(mat.NewDense(100, 100, nil))
	key := func(seed uint64) string {
		_, part, err := all.Split(0.3, seed)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(part.Rows, part.Cols)
	}
	first := key(1)
	if again := key(1); again != first {
		t.Error("one seed gave two draws")
	}
	if key(2) == first {
		t.Error("two seeds gave one draw")
	}
	// Each row gets its share: 30 of 100, standard deviation 4.6.
	_, part, err := all.Split(0.3, 3)
	if err != nil {
		t.Fatal(err)
	}
	perRow := make([]int, 100)
	for _, i := range part.Rows {
		perRow[i]++
	}
	for i, n := range perRow {
		if n < 10 || n > 50 {
			t.Errorf("row %d has %d of 100 entries in a part of 30 %%", i, n)
		}
	}
	// The draw is the same on every platform and in every version.
	rest, part, err := Observed(small()).Split(0.5, 7)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rest.Values, part.Values); got != pinnedSplit {
		t.Errorf("seed 7 of six entries gives %s; want %s", got, pinnedSplit)
	}
}

const pinnedSplit = "[5 6 10] [1 3 11]"

// Splitting what is left with the same seed draws afresh.
func TestSplitTwiceWithOneSeed(t *testing.T) {
	all := Observed(mat.NewDense(1, 20000, nil))
	rest, first, err := all.Split(0.1, 5)
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := rest.Split(0.1, 5)
	if err != nil {
		t.Fatal(err)
	}
	near := map[int]bool{}
	for _, j := range first.Cols {
		near[j-1], near[j+1] = true, true
	}
	hits := 0
	for _, j := range second.Cols {
		if near[j] {
			hits++
		}
	}
	if share := float64(hits) / float64(second.Len()); share > 0.3 { // 0.19 by chance
		t.Errorf("%.0f %% of the second draw stands beside the first", 100*share)
	}
}

func TestSplitRefuses(t *testing.T) {
	all := Observed(small())
	for _, share := range []float64{0, 1, -0.1, 1.5, nan, 0.01, 0.99} {
		if _, _, err := all.Split(share, 1); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), fmt.Sprint(share)) {
			t.Errorf("share %v: error %v; want one that names it", share, err)
		}
	}
	if _, _, err := (Entries{D1: 2, D2: 2}).Split(0.5, 1); !errors.Is(err, ErrEmpty) {
		t.Errorf("no entries: error %v", err)
	}
	if _, _, err := (Entries{D1: 2, D2: 2, Rows: []int{0}, Values: []float64{1}}).Split(0.5, 1); !errors.Is(err, ErrShape) {
		t.Errorf("no columns: error %v", err)
	}
}

func TestColumnMeans(t *testing.T) {
	m, err := Observed(small()).ColumnMeans()
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(3, 4, []float64{3, 8, 7, 6, 3, 8, 7, 6, 3, 8, 7, 6}) // column 3: the mean of all
	if !mat.Equal(m, want) {
		t.Errorf("got %v\nwant %v", mat.Formatted(m), mat.Formatted(want))
	}
	for _, none := range []Entries{{D1: 1, D2: 1}, Observed(&mat.Dense{}), Observed(nil)} {
		if _, err := none.ColumnMeans(); !errors.Is(err, ErrEmpty) {
			t.Errorf("the mean of nothing: error %v", err)
		}
	}
}

func TestMinusAndRMSE(t *testing.T) {
	e := Observed(small())
	mean, err := e.ColumnMeans()
	if err != nil {
		t.Fatal(err)
	}
	rest, err := e.Minus(mean)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rest.Values); got != "[-2 -4 2 -2 2 4]" {
		t.Errorf("Minus gives %s", got)
	}
	if e.Values[0] != 1 {
		t.Error("Minus changed its receiver")
	}
	rmse, err := e.RMSE(mean)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Sqrt((4 + 16 + 4 + 4 + 4 + 16) / 6.0); math.Abs(rmse-want) > 1e-15 {
		t.Errorf("RMSE is %v; want %v", rmse, want)
	}
	same, err := rest.RMSE(mat.NewDense(3, 4, nil))
	if err != nil || math.Abs(same-rmse) > 1e-15 {
		t.Errorf("RMSE of what Minus left is %v, %v; want %v", same, err, rmse)
	}
	hole, err := Observed(mat.NewDense(3, 4, nil)).RMSE(small())
	if err != nil || !math.IsNaN(hole) {
		t.Errorf("RMSE against missing values is %v, %v; want NaN", hole, err)
	}
}

func TestEntriesRefuse(t *testing.T) {
	e := Observed(small())
	wrong := mat.NewDense(4, 3, nil)
	if _, err := e.RMSE(wrong); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "4×3") || !strings.Contains(err.Error(), "3×4") {
		t.Errorf("RMSE of another shape: error %v; want one with both shapes", err)
	}
	if _, err := e.Minus(wrong); !errors.Is(err, ErrShape) {
		t.Errorf("Minus of another shape: error %v", err)
	}
	if _, err := e.Minus(nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("Minus of nothing: error %v", err)
	}
	for name, bad := range map[string]Entries{
		"a row too many":    {D1: 2, D2: 2, Rows: []int{2}, Cols: []int{0}, Values: []float64{1}},
		"a negative column": {D1: 2, D2: 2, Rows: []int{0}, Cols: []int{-1}, Values: []float64{1}},
	} {
		if _, err := bad.Matrix(); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "2×2") {
			t.Errorf("%s: error %v; want one with the shape", name, err)
		}
	}
}

// Whole shares the matrix; a list of entries has none.
func TestWhole(t *testing.T) {
	d, err := Read(strings.NewReader("1,2\n3,\n"), "a.csv", &OpenOptions{Layout: Table})
	if err != nil {
		t.Fatal(err)
	}
	m, ok := d.Whole()
	copied, _ := d.Matrix()
	if !ok || m != d.dense || m == copied || m.At(1, 0) != 3 || !math.IsNaN(m.At(1, 1)) {
		t.Errorf("%v, %v", m, ok)
	}
	if d, err = Read(strings.NewReader("0,0,2\n"), "a.csv", &OpenOptions{Layout: Triplets}); err != nil {
		t.Fatal(err)
	}
	if m, ok := d.Whole(); ok || m != nil {
		t.Errorf("a list of entries has the matrix %v", m)
	}
}
