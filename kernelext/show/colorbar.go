package show

import (
	"image"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colorBar shows what the colours of a panel stand for: a strip at its right
// with a few labelled values and the unit on top.
type colorBar struct {
	colors colorMap
	values []float64               // labelled
	labels []string                // of values
	place  func(v float64) float64 // of a value along the strip, 0 to 1
	edges  []float64               // places where the colour changes; nil for a gradual strip
	unit   string
}

const (
	barGap   = vg.Length(8) // from the panel
	barStrip = vg.Length(10)
	barTick  = vg.Length(3)
)

// linearBar is the bar of a linear scale from lo to hi.
func linearBar(colors colorMap, lo, hi float64, unit string) *colorBar {
	b := &colorBar{colors: colors, unit: unit, place: func(v float64) float64 { return (v - lo) / (hi - lo) }}
	for _, t := range (linearTicks{}).Ticks(lo, hi) {
		b.values, b.labels = append(b.values, t.Value), append(b.labels, t.Label)
	}
	return b
}

// width is what the bar takes beside its panel.
func (b *colorBar) width() vg.Length {
	style := textStyle(tickSize)
	w := max(style.Width(b.unit)-barStrip-barTick, 0)
	for _, s := range b.labels {
		w = max(w, style.Width(s))
	}
	return barGap + barStrip + barTick + 2 + w
}

// draw draws the bar at the right of a panel's data area.
func (b *colorBar) draw(c draw.Canvas, data vg.Rectangle) {
	left, bottom, top := data.Max.X+barGap, data.Min.Y, data.Max.Y
	style := textStyle(tickSize)
	if b.unit != "" {
		style.YAlign = draw.YTop
		c.FillText(style, vg.Point{X: left, Y: top + 1}, b.unit)
		top -= style.Height(b.unit) + 5
	}
	strip := vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + barStrip, Y: top}}
	c.DrawImage(strip, b.image())
	line := draw.LineStyle{Color: frame, Width: 0.5}
	c.SetLineStyle(line)
	c.Stroke(strip.Path())
	last := vg.Length(math.Inf(-1))
	for i, v := range b.values {
		y := bottom + vg.Length(b.place(v))*(top-bottom)
		if y-last < tickSize && i > 0 {
			continue
		}
		last = y
		c.StrokeLine2(line, strip.Max.X, y, strip.Max.X+barTick, y)
		textBeside(c, vg.Point{X: strip.Max.X + barTick + 2, Y: y}, b.labels[i])
	}
}

// image is the strip, one pixel wide, greatest value on top.
func (b *colorBar) image() image.Image {
	const n = 240
	img := image.NewNRGBA(image.Rect(0, 0, 1, n))
	for i := range n {
		t := (float64(n-1-i) + 0.5) / n
		if b.edges != nil {
			t = bandShade(b.edges, t)
		}
		img.SetNRGBA(0, i, b.colors.at(t))
	}
	return img
}

// bandShade is the shade of the band between two edges that t lies in: the
// shade goes from 0 for the first band to 1 for the last.
func bandShade(edges []float64, t float64) float64 {
	k := 0
	for k+2 < len(edges) && t >= edges[k+1] {
		k++
	}
	return float64(k) / math.Max(float64(len(edges)-2), 1)
}
