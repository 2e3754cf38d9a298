package tune

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOutliers counts by plain loops.
func TestOutliers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, y := someFit(t)
		limit := rapid.Float64Range(0, 5).Draw(t, "limit")
		rows, cols, err := f.outliers(context.Background(), limit)
		if err != nil {
			t.Fatal(err)
		}
		e := residualOf(f, y)
		wantRows, wantCols := make([]int, f.d1), make([]int, f.d2)
		for i := range f.d1 {
			for j := range f.d2 {
				if math.Abs(e.At(i, j)) > limit {
					wantRows[i]++
					wantCols[j]++
				}
			}
		}
		if !slices.Equal(rows, wantRows) || !slices.Equal(cols, wantCols) {
			t.Fatalf("rows %v, columns %v; want %v, %v", rows, cols, wantRows, wantCols)
		}
	})
}

// TestQuantile holds the definition: the smallest share of a line that is
// enough for the share q of the lines.
func TestQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "lines")
		count, of := make([]int, n), make([]int, n)
		seen := 0
		for l := range n {
			of[l] = rapid.IntRange(0, 12).Draw(t, "observed")
			if count[l] = rapid.IntRange(0, of[l]).Draw(t, "outliers"); of[l] > 0 {
				seen++
			}
		}
		if seen == 0 {
			t.Skip("nothing observed")
		}
		q := rapid.Float64Range(0.01, 1).Draw(t, "q")
		enough := func(share float64) int { // lines that it is enough for
			k := 0
			for l := range n {
				if of[l] > 0 && float64(count[l])/float64(of[l]) <= share {
					k++
				}
			}
			return k
		}
		share, most := quantile(count, of, q)
		if k := enough(share); float64(k) < q*float64(seen)-1e-6 {
			t.Fatalf("%g is enough for %d of %d lines, want the share %g", share, k, seen, q)
		}
		if k := enough(math.Nextafter(share, -1)); float64(k) >= q*float64(seen)+1e-6 {
			t.Fatalf("less than %g is enough for %d of %d lines already", share, k, seen)
		}
		if enough(most) != seen || enough(math.Nextafter(most, -1)) == seen {
			t.Fatalf("%g is not the most of %v of %v", most, count, of)
		}
	})
}
