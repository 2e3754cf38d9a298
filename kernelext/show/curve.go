package show

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve draws one series: a line, broken where there is no value, and a few
// glyphs along it.
type curve struct {
	pieces  []plotter.XYs // of points without a break between them
	points  int
	line    draw.LineStyle
	glyph   draw.GlyphStyle
	shift   float64 // where along the axis the first glyph is, 0 to 1 of their distance
	summary string
}

const glyphsPerCurve = 6

// newCurve makes series i of n ready to be drawn.
func newCurve(s Series, i, n int, logX, logY bool) *curve {
	c := &curve{
		line:  draw.LineStyle{Color: lineColors[i], Width: 1.4, Dashes: dashes[i]},
		glyph: draw.GlyphStyle{Color: lineColors[i], Radius: 2.6, Shape: glyphs[i]},
		shift: (float64(i) + 0.5) / float64(n),
	}
	var piece plotter.XYs
	end := func() {
		if len(piece) > 0 {
			c.points += len(piece)
			c.pieces = append(c.pieces, thin(piece, logX))
		}
		piece = nil
	}
	for k, y := range s.Y {
		x := float64(k)
		if len(s.X) > 0 {
			x = s.X[k]
		}
		if drawable(x, logX) && drawable(y, logY) {
			piece = append(piece, plotter.XY{X: x, Y: y})
		} else {
			end()
		}
	}
	end()
	c.summary = c.describe(s)
	return c
}

func drawable(v float64, log bool) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!log || v > 0)
}

// describe says in words where the curve begins and ends.
func (c *curve) describe(s Series) string {
	name := s.Name
	if name == "" {
		name = "curve"
	}
	if c.points == 0 {
		return name + ": no point can be drawn"
	}
	first := c.pieces[0][0]
	piece := c.pieces[len(c.pieces)-1]
	last := piece[len(piece)-1]
	text := fmt.Sprintf("%s: %s at %s, %s at %s, %d points", name, formatNumber(first.Y, 3), formatNumber(first.X, 6),
		formatNumber(last.Y, 3), formatNumber(last.X, 6), c.points)
	if out := len(s.Y) - c.points; out > 0 {
		text += fmt.Sprintf(" (%d left out)", out)
	}
	return text
}

// DataRange implements plot.DataRanger.
func (c *curve) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, piece := range c.pieces {
		a, b, lo, hi := plotter.XYRange(piece)
		xmin, xmax, ymin, ymax = math.Min(xmin, a), math.Max(xmax, b), math.Min(ymin, lo), math.Max(ymax, hi)
	}
	return xmin, xmax, ymin, ymax
}

// Plot implements plot.Plotter.
func (c *curve) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	var all []vg.Point
	for _, piece := range c.pieces {
		line := make([]vg.Point, len(piece))
		for i, q := range piece {
			line[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
		}
		all = append(all, line...)
		if len(line) == 1 {
			dc.DrawGlyph(c.glyph, line[0])
			continue
		}
		dc.StrokeLines(c.line, dc.ClipLinesXY(straighten(line))...)
	}
	for _, at := range c.places(all, dc.Min.X, dc.Max.X) {
		dc.DrawGlyph(c.glyph, at)
	}
}

// places picks the points that get a glyph: spread over the axis, at other
// places than the glyphs of other curves.
func (c *curve) places(points []vg.Point, left, right vg.Length) []vg.Point {
	var out []vg.Point
	next := 0
	for _, p := range points {
		share := float64((p.X-left)/(right-left))*glyphsPerCurve - c.shift
		if share >= float64(next) {
			out = append(out, p)
			next = int(share) + 1
		}
	}
	return out
}

// Thumbnail implements plot.Thumbnailer.
func (c *curve) Thumbnail(dc *draw.Canvas) {
	mid := dc.Center()
	dc.StrokeLine2(c.line, dc.Min.X, mid.Y, dc.Max.X, mid.Y)
	dc.DrawGlyph(c.glyph, mid)
}

// thinBins is into how many parts of the x axis a long piece is split; each
// keeps its first, last, least and greatest point.
const thinBins = 250

// thin leaves out points that no eye would see.
func thin(points plotter.XYs, logX bool) plotter.XYs {
	if len(points) <= 4*thinBins {
		return points
	}
	at := func(x float64) float64 {
		if logX {
			return math.Log(x)
		}
		return x
	}
	xmin, xmax, _, _ := plotter.XYRange(points)
	lo, span := at(xmin), at(xmax)-at(xmin)
	if span == 0 {
		span = 1
	}
	bin := func(i int) int { return min(int((at(points[i].X)-lo)/span*thinBins), thinBins-1) }
	var out plotter.XYs
	for i := 0; i < len(points); {
		last, least, most := i, i, i
		for last+1 < len(points) && bin(last+1) == bin(i) {
			last++
			if points[last].Y < points[least].Y {
				least = last
			}
			if points[last].Y > points[most].Y {
				most = last
			}
		}
		for k, prev := range []int{i, min(least, most), max(least, most), last} {
			if k == 0 || prev > i && (len(out) == 0 || out[len(out)-1] != points[prev]) {
				out = append(out, points[prev])
			}
		}
		i = last + 1
	}
	return out
}

// straighten leaves out points that lie within a twentieth of a point of the
// line between those kept.
func straighten(line []vg.Point) []vg.Point {
	kept := 0
	out := line[:1:1]
	for i := 1; i+1 < len(line); i++ {
		for _, p := range line[kept+1 : i+1] {
			if away(p, line[kept], line[i+1]) > 0.05 {
				out = append(out, line[i])
				kept = i
				break
			}
		}
	}
	return append(out, line[len(line)-1])
}

// away is the distance of p from the segment between a and b.
func away(p, a, b vg.Point) float64 {
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	px, py := float64(p.X-a.X), float64(p.Y-a.Y)
	length := dx*dx + dy*dy
	t := 0.0
	if length > 0 {
		t = math.Min(math.Max((px*dx+py*dy)/length, 0), 1)
	}
	return math.Hypot(px-t*dx, py-t*dy)
}
