package show

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// symlog is an axis that is linear between −linear and linear and logarithmic
// beyond, on both sides of 0.
type symlog struct{ linear float64 }

// at is the place of v on the axis: ±1 at ±linear, one more for each power of
// ten.
func (s symlog) at(v float64) float64 {
	a := math.Abs(v) / s.linear
	if a > 1 {
		a = 1 + math.Log10(a)
	}
	return math.Copysign(a, v)
}

// Normalize implements plot.Normalizer.
func (s symlog) Normalize(lo, hi, v float64) float64 {
	a, b := s.at(lo), s.at(hi)
	if a == b {
		return 0.5
	}
	return (s.at(v) - a) / (b - a)
}

// Ticks implements plot.Ticker: 0 and powers of ten on both sides, labelled as
// many as fit.
func (s symlog) Ticks(lo, hi float64) []plot.Tick {
	first := int(math.Round(math.Log10(s.linear)))
	span := s.at(hi) - s.at(lo)
	step := 1
	for _, step = range []int{1, 2, 3, 4, 5, 10, 20, 50} {
		if span/float64(step) <= 11 {
			break
		}
	}
	ticks := []plot.Tick{}
	if lo <= 0 && hi >= 0 {
		ticks = append(ticks, plot.Tick{Value: 0, Label: "0"})
	}
	for k := 0; k < 700; k++ {
		v := math.Pow(10, float64(first+k))
		if v > hi*(1+1e-9) && -v < lo*(1+1e-9) {
			break
		}
		label := ""
		if k%step == 0 && !(k == 0 && step > 1) {
			label = "10" + raise(first+k)
		}
		if v <= hi*(1+1e-9) {
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
		if -v >= lo*(1+1e-9) {
			if label != "" {
				label = "−" + label
			}
			ticks = append(ticks, plot.Tick{Value: -v, Label: label})
		}
	}
	return ticks
}

// newSymlog is the axis for these values: linear up to the power of ten below
// the smallest of those above zero in size, at most decades below the largest.
func newSymlog(values []float64, zero float64, decades int) symlog {
	least, most := math.Inf(1), 0.0
	for _, v := range values {
		if a := math.Abs(v); a > zero && !math.IsInf(a, 0) {
			least, most = math.Min(least, a), math.Max(most, a)
		}
	}
	if most == 0 {
		return symlog{1}
	}
	low := math.Floor(math.Log10(least) + 1e-9)
	high := math.Ceil(math.Log10(most) - 1e-9)
	return symlog{math.Pow(10, math.Min(math.Max(low, high-float64(decades)), high-1))}
}

// ends widens the range of values to places share of the axis beyond them; 0
// is always inside.
func (s symlog) ends(lo, hi, share float64) (float64, float64) {
	a, b := s.at(math.Min(lo, 0)), s.at(math.Max(hi, 0))
	room := share * math.Max(b-a, 1)
	return s.value(a - room), s.value(b + room)
}

// value is the inverse of at.
func (s symlog) value(at float64) float64 {
	a := math.Abs(at)
	if a > 1 {
		a = math.Pow(10, a-1)
	}
	return math.Copysign(a*s.linear, at)
}

// unmeasured is a text handler that takes no room to the sides. gonum/plot
// keeps room for the label of an x axis around the mean of the axis' ends, which
// on an axis that is not linear is far from the middle, where it writes it.
type unmeasured struct{ scripts }

// Box implements text.Handler.
func (h unmeasured) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	_, height, depth = h.scripts.Box(txt, fnt)
	return 0, height, depth
}
