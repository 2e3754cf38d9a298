package show

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// DataRange implements plot.DataRanger.
func (c *verdictCurve) DataRange() (xmin, xmax, ymin, ymax float64) {
	all := append(plotter.XYs{}, c.marks...)
	for _, p := range c.pieces {
		all = append(all, p.line...)
	}
	return plotter.XYRange(all)
}

// Plot implements plot.Plotter.
func (c *verdictCurve) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	for _, piece := range c.pieces {
		line := make([]vg.Point, len(piece.line))
		for i, q := range piece.line {
			line[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
		}
		style := draw.LineStyle{Color: piece.style.color, Width: 1.8, Dashes: piece.style.dashes}
		if piece.style.name == uncertified.name {
			style.Width = 1.2
		}
		dc.StrokeLines(style, dc.ClipLinesXY(straighten(line))...)
	}
	points := make([]vg.Point, len(c.marks))
	for i, q := range c.marks {
		points[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
	}
	drawSymbols(dc, points, c.symbols)
}

// symbolGap is how near to each other symbols of the same kind are drawn.
const symbolGap = vg.Length(13)

// drawSymbols draws those symbols that differ from the one before or are far
// from it, and the last.
func drawSymbols(c draw.Canvas, at []vg.Point, symbols []verdictMark) {
	last := -1
	for i, p := range at {
		if last >= 0 && i < len(at)-1 && symbols[i].style.name == symbols[last].style.name && symbols[i].hollow == symbols[last].hollow {
			if d := p.Sub(at[last]); d.Dot(d) < symbolGap*symbolGap {
				continue
			}
		}
		if c.Contains(p) {
			symbols[i].draw(c, p, 2.8)
		}
		last = i
	}
}

// uncertainLine is the stretch without a verdict in the legend.
type uncertainLine struct{}

// Thumbnail implements plot.Thumbnailer.
func (uncertainLine) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(draw.LineStyle{Color: uncertified.color, Width: 1.2, Dashes: uncertified.dashes}, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// curvaturePanel is the lower panel of [Verdicts].
type curvaturePanel struct {
	plot     *plot.Plot
	axis     symlog
	value    plotter.XYs // least eigenvalue over the largest
	residual []float64
	symbols  []verdictMark
	gradient plotter.XYs
	bound    plotter.XYs // −γ over the largest eigenvalue
	lines    []string
}

// decadesBelow is how far below the largest value the lower panel is
// logarithmic.
const decadesBelow = 8

func (v Verdicts) lower() *curvaturePanel {
	w := &curvaturePanel{}
	var all []float64
	add := func(to *plotter.XYs, q Certified, value float64) bool {
		if !drawable(value, false) {
			return false
		}
		*to = append(*to, plotter.XY{X: float64(q.Iter), Y: value})
		all = append(all, value)
		return true
	}
	for _, q := range v.Points {
		k := q.Certificate.Curvature
		size := largestCurvature(k)
		if add(&w.value, q, k.Value/size) {
			w.residual = append(w.residual, math.Abs(k.Residual)/size)
			w.symbols = append(w.symbols, markOf(q.Certificate))
		}
		add(&w.gradient, q, q.Certificate.RelGrad)
		if g := q.Certificate.Gamma; g > 0 {
			add(&w.bound, q, -g/size)
		}
	}
	w.axis = newSymlog(all, 0, decadesBelow)
	w.lines = w.describe()
	p := newPlot("Curvature and gradient, relative", v.XLabel, "relative")
	_, _, lo, hi := plotter.XYRange(append(append(append(plotter.XYs{{}}, w.value...), w.gradient...), w.bound...))
	p.Y.Min, p.Y.Max = w.axis.ends(lo, hi, 0.06)
	p.Y.Scale, p.Y.Tick.Marker = w.axis, w.axis
	v.setX(p)
	p.Add(w)
	w.plot = p
	return w
}

// largestCurvature is the largest size of an eigenvalue that was found.
func largestCurvature(k landscape.Curvature) float64 {
	size := math.Max(math.Abs(k.Largest), math.Abs(k.Value))
	if !(size > 0) { // NaN too
		return 1
	}
	return size
}

func (w *curvaturePanel) describe() []string {
	if len(w.value) == 0 {
		return []string{"  no eigenvalue is known"}
	}
	least := 0
	for i, q := range w.value {
		if q.Y < w.value[least].Y {
			least = i
		}
	}
	n := len(w.value) - 1
	return []string{fmt.Sprintf("  smallest eigenvalue found, as a part of the largest: least %s at iteration %s, at the end %s ± %s",
		formatNumber(w.value[least].Y, 3), formatNumber(w.value[least].X, 7), formatNumber(w.value[n].Y, 3), formatNumber(w.residual[n], 2))}
}

var (
	gradientStyle = draw.LineStyle{Color: hex(0x56606a), Width: 1.1, Dashes: []vg.Length{4, 2}}
	boundStyle    = draw.LineStyle{Color: negativeColor, Width: 0.8, Dashes: []vg.Length{1.5, 2}}
	residualStyle = draw.LineStyle{Color: ink, Width: 0.9}
)

// Plot implements plot.Plotter.
func (w *curvaturePanel) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	zero := y(0)
	if zero > c.Min.Y {
		c.SetColor(negativeGround)
		c.Fill(vg.Rectangle{Min: c.Min, Max: vg.Point{X: c.Max.X, Y: zero}}.Path())
	}
	gridLines{}.Plot(c, p)
	c.StrokeLine2(draw.LineStyle{Color: frame, Width: 0.6}, c.Min.X, zero, c.Max.X, zero)
	place := func(points plotter.XYs) []vg.Point {
		out := make([]vg.Point, len(points))
		for i, q := range points {
			out[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
		}
		return out
	}
	stroke := func(style draw.LineStyle, points plotter.XYs) {
		if len(points) > 1 {
			c.StrokeLines(style, c.ClipLinesXY(place(points))...)
		}
	}
	stroke(boundStyle, w.bound)
	stroke(gradientStyle, w.gradient)
	stroke(draw.LineStyle{Color: faint, Width: 1}, w.value)
	if len(w.gradient) == 1 {
		c.DrawGlyph(draw.GlyphStyle{Color: gradientStyle.Color, Radius: 2, Shape: draw.CrossGlyph{}}, place(w.gradient)[0])
	}
	at := place(w.value)
	for i, q := range w.value {
		lo, hi := max(y(q.Y-w.residual[i]), c.Min.Y), min(y(q.Y+w.residual[i]), c.Max.Y)
		if hi-lo > 6 { // else it is within the symbol
			c.StrokeLine2(residualStyle, at[i].X, lo, at[i].X, hi)
			for _, end := range []vg.Length{lo, hi} {
				c.StrokeLine2(residualStyle, at[i].X-2, end, at[i].X+2, end)
			}
		}
	}
	drawSymbols(c, at, w.symbols)
}

var negativeGround = color.NRGBA{0xfd, 0xf1, 0xe8, 0xff}

// entries is the legend of the lower panel.
func (w *curvaturePanel) entries() []entry {
	out := []entry{{"smallest eigenvalue ± residual", -50, residualSample{}}}
	if len(w.gradient) > 0 {
		out = append(out, entry{"relative gradient norm", -51, lineSample(gradientStyle)})
	}
	if len(w.bound) > 1 {
		out = append(out, entry{"−γ: negative is below", -52, lineSample(boundStyle)})
	}
	return out
}

// lineSample is a line in a legend.
type lineSample draw.LineStyle

// Thumbnail implements plot.Thumbnailer.
func (s lineSample) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(draw.LineStyle(s), c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
}

// residualSample is an eigenvalue with its bar in the legend.
type residualSample struct{}

// Thumbnail implements plot.Thumbnailer.
func (residualSample) Thumbnail(c *draw.Canvas) {
	mid := c.Center()
	c.StrokeLine2(residualStyle, mid.X, c.Min.Y, mid.X, c.Max.Y)
	for _, end := range []vg.Length{c.Min.Y, c.Max.Y} {
		c.StrokeLine2(residualStyle, mid.X-2, end, mid.X+2, end)
	}
	c.DrawGlyph(draw.GlyphStyle{Color: frame, Radius: 2.4, Shape: draw.CircleGlyph{}}, mid)
}
