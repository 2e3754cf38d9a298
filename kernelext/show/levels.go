package show

import (
	"math"
	"slices"
)

// levels are the contours of a grid: bands of values, closer where most
// values are.
type levels struct {
	lo, hi  float64
	power   float64   // edge k of n is at height (k/n)^power
	floor   float64   // above 0: the first band is this high, and the others are even in the logarithm above lo
	edges   []float64 // of the bands, ascending; lo and hi included
	saddles []float64 // values at saddles
}

const bands = 14

// newLevels chooses the bands so that half of the grid's values lie in the
// lower half of them.
func newLevels(g *grid2, marks []markPoint) *levels {
	l := &levels{lo: g.lo, hi: g.hi, power: 1}
	var values []float64
	for _, z := range g.z {
		if !math.IsNaN(z) {
			values = append(values, z)
		}
	}
	slices.Sort(values)
	if median := g.height(values[len(values)/2]); median > 0 && median < 1 {
		l.power = math.Min(math.Max(math.Log(median)/math.Log(0.5), 0.5), 2.5)
	}
	if l.lo == l.hi {
		l.edges = []float64{l.lo, l.hi}
		return l
	}
	for k := range bands + 1 {
		l.edges = append(l.edges, l.lo+(l.hi-l.lo)*math.Pow(float64(k)/bands, l.power))
	}
	for _, m := range marks {
		if m.Kind == Saddle && m.z > l.lo && m.z < l.hi && !slices.Contains(l.saddles, m.z) {
			l.saddles = append(l.saddles, m.z)
		}
	}
	slices.Sort(l.saddles)
	return l
}

// share is the place of a value among the bands, 0 to 1.
func (l *levels) share(z float64) float64 {
	if l.lo == l.hi {
		return 0.5
	}
	if l.floor > 0 {
		if z-l.lo <= l.floor {
			return math.Max(z-l.lo, 0) / l.floor / bands
		}
		return (1 + (bands-1)*math.Log((z-l.lo)/l.floor)/math.Log((l.hi-l.lo)/l.floor)) / bands
	}
	return math.Pow(math.Max((z-l.lo)/(l.hi-l.lo), 0), 1/l.power)
}

// band is the number of the band that z lies in.
func (l *levels) band(z float64) int { return min(int(l.share(z)*bands), bands-1) }

// bar is the colour bar of the bands, with every second edge labelled.
func (l *levels) bar(unit string) *colorBar {
	b := &colorBar{colors: viridis, unit: unit, place: l.share}
	for k, e := range l.edges {
		if len(l.edges) > 2 {
			b.edges = append(b.edges, float64(k)/bands)
		}
		if k%2 == 0 {
			b.values, b.labels = append(b.values, e), append(b.labels, shortLabel(e, l.hi-l.lo))
		}
	}
	return b
}

// shortLabel writes a level with two or three significant digits, or as 0 when it is
// none on the scale of span.
func shortLabel(v, span float64) string {
	if math.Abs(v) < 1e-9*span {
		return "0"
	}
	if a := math.Abs(v); a < 1e-3 || a >= 1e5 {
		return powerLabel(round2(v))
	}
	if math.Abs(v) >= 10 {
		return minus(formatNumber(v, 3))
	}
	return minus(formatNumber(v, 2))
}

// round2 keeps two significant digits.
func round2(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 1-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
