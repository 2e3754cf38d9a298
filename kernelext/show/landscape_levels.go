package show

import (
	"math"
	"slices"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// A slice through a minimum has values over many powers of ten, of which even
// bands would show the largest alone.
const (
	crowded = 0.03 // where the median height, or a mark's, is below it, bands are logarithmic
	deepest = 1e-8 // the least height that bands resolve, as a part of the largest
)

// newSliceLevels are the bands of a slice: logarithmic in the height above the
// least value where most values, or those at some mark, are near it, else as
// [newLevels] has them. The levels of
// saddles in the slice and those asked for are lines.
func newSliceLevels(g *grid2, marks []sliceMark, lines []float64) *levels {
	var saddles []markPoint
	for _, z := range lines {
		saddles = append(saddles, markPoint{Mark{Kind: Saddle}, z})
	}
	span := g.hi - g.lo
	low := math.Inf(1) // height of the lowest mark that is not at the bottom
	for _, m := range marks {
		if m.saddle() {
			saddles = append(saddles, markPoint{Mark{Kind: Saddle}, m.below})
		}
		if h := m.below - g.lo; h > 1e-4*span {
			low = math.Min(low, h)
		}
	}
	l := newLevels(g, saddles)
	var heights []float64
	for _, z := range g.z {
		if !math.IsNaN(z) && z > g.lo {
			heights = append(heights, z-g.lo)
		}
	}
	slices.Sort(heights)
	switch {
	case low < crowded*span:
		l.floor = low / 4
	case len(heights) > 0 && heights[len(heights)/2] < crowded*span:
		l.floor = math.Max(heights[len(heights)/200], deepest*span)
	default:
		return l
	}
	for k := 1; k < bands; k++ {
		l.edges[k] = l.lo + l.floor*math.Pow(span/l.floor, float64(k-1)/(bands-1))
	}
	return l
}

// saddle reports whether the mark's level is worth a line: it is proven to have
// negative curvature and lies in the slice.
func (m sliceMark) saddle() bool {
	return m.off == 0 && m.Certificate != nil && m.Certificate.Verdict == landscape.NegativeCurvature
}

// sliceBar is the colour bar of a slice. Where bands are logarithmic above a
// least value that is not 0, it shows heights above that.
func (l *levels) sliceBar(value string) *colorBar {
	if l.floor == 0 || math.Abs(l.lo) < 1e-2*l.floor {
		return l.bar(value)
	}
	b := &colorBar{colors: viridis, unit: value + " " + difference(l.lo), place: func(v float64) float64 { return l.share(l.lo + v) }}
	for k, e := range l.edges {
		b.edges = append(b.edges, float64(k)/bands)
		if k%2 == 0 {
			b.values, b.labels = append(b.values, e-l.lo), append(b.labels, shortLabel(e-l.lo, 0))
		}
	}
	return b
}

// difference writes "− v".
func difference(v float64) string {
	if v < 0 {
		return "+ " + shortLabel(-v, 0)
	}
	return "− " + shortLabel(v, 0)
}
