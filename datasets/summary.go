package datasets

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Summary says what [Data] hold and how far they could determine a matrix of
// low rank.
type Summary struct {
	Rows, Cols int
	Observed   int     // entries
	Missing    float64 // share of the entries that are not observed, 0 to 1

	// Over the observed entries; Std divides by their number.
	Min, Max, Mean, Std float64

	RowCounts, ColCounts Counts
	Ranks                []RankCheck
}

// Counts says how many observed entries the rows, or the columns, have.
type Counts struct {
	Min, Max int
	Median   float64
	Empty    int // how many have none
}

// RankCheck holds the entries against what a matrix of a rank needs. A row
// with fewer than Rank entries cannot be determined, whatever the other rows
// are, nor can a column.
type RankCheck struct {
	Rank         int
	Freedom      int     // r(d1 + d2 − r), the dimension of the matrices of rank r
	Oversampling float64 // observed entries per degree of freedom; below 1 there is no hope
	Rows, Cols   int     // rows and columns with fewer than Rank entries
}

// Summary counts. With no ranks given it checks those of 1, 2, 5 and 10 that
// the shape allows. A rank outside 1 … min(rows, columns) is an error.
//
// It goes over the entries three times. Memory: that of [Data.Entries] for a
// whole matrix, and a number for each row and column.
func (d *Data) Summary(ranks ...int) (Summary, error) {
	rows, cols := d.Dims()
	if len(ranks) == 0 {
		for _, r := range []int{1, 2, 5, 10} {
			if r <= min(rows, cols) {
				ranks = append(ranks, r)
			}
		}
	}
	for _, r := range ranks {
		if r < 1 || r > min(rows, cols) {
			return Summary{}, fmt.Errorf("datasets: the rank %d was asked for; %s is %d×%d and has ranks from 1 to %d: %w", r, d.Name, rows, cols, min(rows, cols), ErrValue)
		}
	}
	return d.summary(ranks), nil
}

func (d *Data) summary(ranks []int) Summary {
	e := d.entries
	if d.dense != nil {
		e = Observed(d.dense)
	}
	rows, cols := d.Dims()
	s := Summary{Rows: rows, Cols: cols, Observed: e.Len(), Min: math.Inf(1), Max: math.Inf(-1)}
	s.Missing = 1 - float64(e.Len())/(float64(rows)*float64(cols))
	for _, v := range e.Values {
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.Mean, s.Std = moments(e.Values, max(s.Max, -s.Min))
	perRow, perCol := counted(e.Rows, rows), counted(e.Cols, cols)
	s.RowCounts, s.ColCounts = countsOf(perRow, rows), countsOf(perCol, cols)
	for _, r := range ranks {
		free := r * (rows + cols - r)
		s.Ranks = append(s.Ranks, RankCheck{
			Rank: r, Freedom: free, Oversampling: float64(e.Len()) / float64(free),
			Rows: below(perRow, rows, r), Cols: below(perCol, cols, r),
		})
	}
	return s
}

// moments returns mean and standard deviation of values of a size up to scale:
// sums and squares of the largest numbers would overflow.
func moments(values []float64, scale float64) (mean, std float64) {
	if scale == 0 {
		return 0, 0
	}
	n := float64(len(values))
	for _, v := range values {
		mean += v / scale
	}
	mean /= n
	for _, v := range values {
		d := v/scale - mean
		std += float64(d * d)
	}
	return mean * scale, math.Sqrt(std/n) * scale
}

// counted returns, ascending, how often each index below n comes. Of a matrix
// with far more rows than entries only those that come at all are counted.
func counted(index []int, n int) []int {
	var out []int
	if n <= 4*len(index)+1<<16 {
		out = make([]int, n)
		for _, i := range index {
			out[i]++
		}
	} else {
		at := map[int]int{}
		for _, i := range index {
			at[i]++
		}
		out = slices.Collect(maps.Values(at))
	}
	slices.Sort(out)
	return out
}

// countsOf summarises the ascending counts of n rows; those not in some have 0.
func countsOf(some []int, n int) Counts {
	at := func(k int) int {
		if k -= n - len(some); k >= 0 {
			return some[k]
		}
		return 0
	}
	return Counts{Min: at(0), Max: at(n - 1), Median: float64(at((n-1)/2)+at(n/2)) / 2, Empty: below(some, n, 1)}
}

// below is how many of n rows have fewer than r entries.
func below(some []int, n, r int) int {
	k, _ := slices.BinarySearch(some, r)
	return n - len(some) + k
}
