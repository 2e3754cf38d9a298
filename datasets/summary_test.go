package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestSummary(t *testing.T) {
	d := mustRead(t, "1,,3,\n5,6,,\n,10,11,\n", "x.csv", nil)
	s, err := d.Summary(1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Rows: 3, Cols: 4, Observed: 6, Missing: 0.5, Min: 1, Max: 11, Mean: 6, Std: s.Std,
		RowCounts: Counts{Min: 2, Max: 2, Median: 2}, ColCounts: Counts{Min: 0, Max: 2, Median: 2, Empty: 1},
		Ranks: []RankCheck{
			{Rank: 1, Freedom: 6, Oversampling: 1, Rows: 0, Cols: 1},
			{Rank: 2, Freedom: 10, Oversampling: 0.6, Rows: 0, Cols: 1},
			{Rank: 3, Freedom: 12, Oversampling: 0.5, Rows: 3, Cols: 4},
		},
	}
	if fmt.Sprintf("%+v", s) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if w := math.Sqrt((25 + 9 + 1 + 0 + 16 + 25) / 6.0); math.Abs(s.Std-w) > 1e-14 {
		t.Errorf("Std is %v; want %v", s.Std, w)
	}
	s, err = d.Summary()
	if err != nil || len(s.Ranks) != 2 {
		t.Errorf("without ranks: %+v, %v; want those of 1 and 2", s.Ranks, err)
	}
	for _, r := range []int{0, -1, 4} {
		if _, err := d.Summary(r); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "ranks from 1 to 3") {
			t.Errorf("rank %d: error %v", r, err)
		}
	}
}

// A list and the table of the same entries say the same, as plain counting does.
func TestSummaryAgainstCounting(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 4))
	for range 50 {
		rows, cols := 1+rng.IntN(9), 1+rng.IntN(9)
		m := mat.NewDense(rows, cols, nil)
		perRow, perCol, n := make([]int, rows), make([]int, cols), 0
		for i := range rows {
			for j := range cols {
				m.Set(i, j, nan)
				if rng.IntN(2) == 0 || n == 0 && i == rows-1 && j == cols-1 {
					m.Set(i, j, rng.NormFloat64())
					perRow[i], perCol[j], n = perRow[i]+1, perCol[j]+1, n+1
				}
			}
		}
		whole, list := &Data{dense: m}, &Data{entries: Observed(m)}
		a, errA := whole.Summary()
		b, errB := list.Summary()
		if errA != nil || errB != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("seed %d: table %+v, list %+v, %v, %v", seed, a, b, errA, errB)
		}
		if a.Observed != n || a.RowCounts.Min != slices.Min(perRow) || a.RowCounts.Max != slices.Max(perRow) || a.ColCounts.Max != slices.Max(perCol) {
			t.Fatalf("seed %d: %+v; rows have %v, columns %v", seed, a, perRow, perCol)
		}
		for _, k := range a.Ranks {
			few := 0
			for _, c := range perCol {
				if c < k.Rank {
					few++
				}
			}
			if k.Cols != few {
				t.Fatalf("seed %d: %d columns below rank %d; want %d of %v", seed, k.Cols, k.Rank, few, perCol)
			}
		}
		slices.Sort(perRow)
		if want := float64(perRow[(rows-1)/2]+perRow[rows/2]) / 2; a.RowCounts.Median != want {
			t.Fatalf("seed %d: median %v; want %v of %v", seed, a.RowCounts.Median, want, perRow)
		}
	}
}

// Neither the largest numbers nor millions of empty rows are a problem.
func TestSummaryExtremes(t *testing.T) {
	s, err := mustRead(t, "1e308,-1e308\n", "x.csv", nil).Summary()
	if err != nil || math.Abs(s.Std-1e308) > 1e294 || s.Mean != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = mustRead(t, "0.3,0.3,0.3\n0.3,0.3,0.3\n", "x.csv", nil).Summary()
	if err != nil || s.Std != 0 || s.Mean != 0.3 {
		t.Errorf("a constant: %+v, %v", s, err)
	}
	s, err = mustRead(t, "0,0\n", "x.csv", nil).Summary()
	if err != nil || s.Std != 0 || s.Min != 0 || s.Max != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	d := mustRead(t, "%%MatrixMarket matrix coordinate real general\n2000000000 3 1\n5 2 7\n", "x.mtx", nil)
	s, err = d.Summary()
	if err != nil || s.RowCounts.Empty != 1999999999 || s.Ranks[0].Rows != 1999999999 || s.ColCounts.Max != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}
