package problem

import (
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

// barOf finds the bar of a line of which most entries may pass; work is as long.
// Entries that are 0 pass or not, but are never kept.
//
// near is a size that the bar probably exceeds, such as a part of what it was at
// the point before: only what is at least that large is looked at, unless that
// is too little. It changes the cost, not the bar.
func barOf(line, work []float64, most int, near float64) tiles.Bar {
	n := 0
	if most >= 1 {
		if n = largerThan(work, line, near); n < most {
			n = largerThan(work, line, 0)
		}
	}
	return tiles.BarOf(line, work[:n], most)
}

// slack is how far a bar may fall from one point to the next without a second
// look at its line.
const slack = 0.8

// near is what the bar of a line will probably exceed that was b.
func near(b tiles.Bar) float64 {
	if v := slack * b.Size; v < math.MaxFloat64 {
		return v
	}
	return 0
}

// largerThan copies the magnitudes of line that are at least low, a number ≥ 0,
// to the front of dst and returns how many there are; it has no branch in the
// loop. NaN counts as large.
func largerThan(dst, line []float64, low float64) int {
	n, least := 0, math.Float64bits(low)-1
	dst = dst[:len(line)]
	for _, v := range line {
		b := math.Float64bits(v) &^ (1 << 63)
		dst[n] = math.Float64frombits(b)
		n += int((least - b) >> 63) // 1 when b > least, both below 2⁶³
	}
	return n
}

// placesFrom lists the places of line whose magnitudes are at least low, a number
// ≥ 0 that may be infinite, and returns how many there are, without a branch in
// the loop. dst is as long.
func placesFrom(dst []int32, line []float64, low float64) int {
	n, least := 0, math.Float64bits(low)-1
	dst = dst[:len(line)]
	for j, v := range line {
		b := math.Float64bits(v) &^ (1 << 63)
		dst[n] = int32(j)
		n += int((least - b) >> 63)
	}
	return n
}

// clip is the member of [−limit, limit] next to v.
func clip(v, limit float64) float64 { return max(-limit, min(limit, v)) }
